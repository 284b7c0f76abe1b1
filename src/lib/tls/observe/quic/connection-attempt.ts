/**
 * One connection attempt of a client: its keys come from the Destination Connection ID of its first Initial packet and
 * stay when the client goes over to the id that the server chose. A Retry begins a new attempt.
 */

import type { QuicVersion } from './constants.ts'
import { CryptoStream } from './crypto-stream.ts'
import { type InitialKeys, initialKeys } from './initial-keys.ts'
import type { ProtectedInitial } from './long-header.ts'
import { type OpenedInitial, openInitial } from './packet-protection.ts'

export class ConnectionAttempt {
  readonly destinationId: Uint8Array
  /** The client's own id, which it keeps (RFC 9000 section 7.2). */
  readonly sourceId: Uint8Array
  readonly crypto = new CryptoStream()
  /** A client that is answered in another version goes on in that one, with keys of its first id (RFC 9369 section 4.1). */
  readonly #keys = new Map<QuicVersion, InitialKeys>()
  #largest = -1

  constructor({ destinationId, sourceId }: ProtectedInitial) {
    this.destinationId = new Uint8Array(destinationId)
    this.sourceId = new Uint8Array(sourceId)
  }

  /** The opened packet, or undefined when it does not belong to this attempt. */
  open(initial: ProtectedInitial): OpenedInitial | undefined {
    const opened = openInitial(initial, this.#keysOf(initial.version), this.#largest)
    if (opened !== undefined) this.#largest = Math.max(this.#largest, opened.packetNumber)
    return opened
  }

  #keysOf(version: QuicVersion): InitialKeys {
    const known = this.#keys.get(version)
    if (known !== undefined) return known
    const derived = initialKeys(version, this.destinationId, 'client')
    this.#keys.set(version, derived)
    return derived
  }
}
