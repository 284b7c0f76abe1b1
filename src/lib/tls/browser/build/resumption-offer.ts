/** pre_shared_key of a ClientHello (RFC 8446 section 4.2.11): a ticket, and the proof that its secret is known. */
import { concat, u16, u32 } from '../../../core/index.ts'
import { vector8, vector16 } from '../../hello/byte-writer.ts'
import type { Extension } from '../../hello/client-hello.ts'
import { EXTENSION } from '../../hello/extensions.ts'

export interface ResumptionOffer {
  /** As the server gave it. */
  readonly ticket: Uint8Array
  /** Milliseconds since then, plus what the server had added, modulo 2^32. */
  readonly obfuscatedAge: number
  /** As long as the digest of the session. */
  readonly binderBytes: number
  /** @param truncated the hello from its header up to the list of binders */
  readonly binderOf: (truncated: Uint8Array) => Uint8Array
}

/** With zeros where the binder will be. It has to be the last extension. */
export function unboundExtension({ ticket, obfuscatedAge, binderBytes }: ResumptionOffer): Extension {
  const identities = vector16(concat(vector16(ticket), u32(obfuscatedAge)))
  return { type: EXTENSION.preSharedKey, body: concat(identities, binderList(new Uint8Array(binderBytes))) }
}

/**
 * Writes the binder into a message that ends with {@link unboundExtension}.
 * @param message with its header; changed in place
 */
export function bind(message: Uint8Array, { binderBytes, binderOf }: ResumptionOffer): void {
  const listBytes = u16(0).length + 1 + binderBytes
  const truncated = message.subarray(0, message.length - listBytes)
  message.set(binderOf(truncated), message.length - binderBytes)
}

function binderList(binder: Uint8Array): Uint8Array {
  return vector16(vector8(binder))
}
