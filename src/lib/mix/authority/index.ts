/** Authorities: several servers that make the directory of each epoch together. */
export { MAX_MESSAGE_BYTES, openMessage } from './message.ts'
export { type Authority, type AuthorityNetwork, networkFields, parseNetwork } from './network.ts'
export { AuthorityRound, type AuthoritySelf, type RoundOptions } from './round.ts'
export { type Phase, phaseStart } from './schedule.ts'
