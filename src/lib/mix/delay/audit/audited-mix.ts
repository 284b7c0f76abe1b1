/** What was known about a mix before the epoch began. */
import type { DelayMode, MixDirectory } from '../../directory/document.ts'

export interface AuditedMix {
  /** 32 bytes. */
  readonly node: Uint8Array
  /** Ed25519, 32 bytes. */
  readonly identityKey: Uint8Array
  readonly vrfKey: Uint8Array
  readonly epoch: number
  /** R_e, 32 bytes. */
  readonly sharedRandom: Uint8Array
  readonly mode: DelayMode
  /** 1/mu of the delays that it draws. */
  readonly meanUs: number
}

/** All mixes of a directory, which the caller has verified. */
export function auditedMixes({ nodes, epoch, sharedRandom }: MixDirectory): AuditedMix[] {
  return nodes.map(({ id, identityKey, vrfKey, delay }) => ({
    node: id,
    identityKey,
    vrfKey,
    epoch,
    sharedRandom,
    ...delay,
  }))
}
