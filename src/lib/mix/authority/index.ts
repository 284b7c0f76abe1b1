/** Authorities: several servers that make the directory of each epoch together. */
export { authorityKeys, authoritySelf } from './authority-keys.ts'
export { fetchDirectory, publishDescriptor, publishTopologyProof } from './client.ts'
export { openMessage } from './message.ts'
export { type Authority, type AuthorityNetwork, networkFields, parseNetwork } from './network.ts'
export { AuthorityRound, type AuthoritySelf } from './round.ts'
export { phaseStart } from './schedule.ts'
export type { ServiceEvent } from './service/authority-service.ts'
export { type RunningAuthority, type RunOptions, runAuthority, turnMs } from './service/run-authority.ts'
