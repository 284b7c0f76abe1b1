/** Mix keys of a node, with their replay filters, through epochs, restarts and crashes. */
export { DEFAULT_OVERLAP_MS, KEYS_AHEAD } from './constants.ts'
export type { AcceptingKey, LossReason } from './live-key.ts'
export { machineRunId } from './machine-run.ts'
export { MixKeyRing } from './mix-key-ring.ts'
export type { KeyRingChange, LostKey, MixKeyRingOptions, ReplayCapacity } from './ring-types.ts'
