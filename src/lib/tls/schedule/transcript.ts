/** The hash of all handshake messages so far (RFC 8446 section 4.4.1). */
import { concat } from '../../core/index.ts'
import { createSha256, createSha384, type HkdfHash, type IncrementalHash } from '../../crypto/index.ts'
import type { CipherSuite } from './cipher-suites.ts'

const MESSAGE_HASH = 254

export class Transcript {
  #state: IncrementalHash

  constructor(hash: HkdfHash) {
    this.#state = stateOf(hash)
  }

  /** @param message with its 4-byte header */
  add(message: Uint8Array): void {
    this.#state.update(message)
  }

  /** Of what was added until now; more may follow. */
  digest(): Uint8Array {
    return this.#state.copy().digest()
  }
}

/** @param messages each with its 4-byte header */
export function transcriptOf(
  { hash }: Pick<CipherSuite, 'hash'>,
  ...messages: readonly Uint8Array[]
): Transcript {
  const transcript = new Transcript(hash)
  for (const message of messages) transcript.add(message)
  return transcript
}

/** What a hello becomes in the transcript when the server asks for another one: a message that holds its hash. */
export function messageHash(hash: HkdfHash, firstHello: Uint8Array): Uint8Array {
  const digest = stateOf(hash).update(firstHello).digest()
  return concat(Uint8Array.of(MESSAGE_HASH, 0, 0, digest.length), digest)
}

function stateOf(hash: HkdfHash): IncrementalHash {
  return hash === 'sha256' ? createSha256() : createSha384()
}
