/** The key schedule of RFC 8446 section 7.1, written down a second time: it judges the one of the client. */
import { expanded, hashed, mac, type Suite } from './suites.ts'

export interface BothSecrets {
  readonly client: Uint8Array
  readonly server: Uint8Array
}

const NOTHING = new Uint8Array(0)

export class ServerSecrets {
  readonly #suite: Suite
  #master: Uint8Array
  readonly handshake: BothSecrets

  /** @param transcript hash of both hellos */
  constructor(suite: Suite, psk: Uint8Array | undefined, shared: Uint8Array, transcript: Uint8Array) {
    this.#suite = suite
    const zeros = new Uint8Array(suite.hashBytes)
    const early = mac(suite, zeros, psk ?? zeros)
    const handshake = mac(suite, this.#derived(early, 'derived'), shared)
    this.handshake = this.#both(handshake, 'hs', transcript)
    this.#master = mac(suite, this.#derived(handshake, 'derived'), zeros)
  }

  /** @param transcript up to the server's Finished */
  application(transcript: Uint8Array): BothSecrets {
    return this.#both(this.#master, 'ap', transcript)
  }

  /** @param transcript up to the client's Finished */
  ticketPsk(transcript: Uint8Array, nonce: Uint8Array): Uint8Array {
    const { hashBytes } = this.#suite
    const resumption = expanded(this.#suite, this.#master, 'res master', transcript, hashBytes)
    return expanded(this.#suite, resumption, 'resumption', nonce, hashBytes)
  }

  /** @param transcript up to the server's Finished */
  exported(transcript: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array {
    const exporter = expanded(this.#suite, this.#master, 'exp master', transcript, this.#suite.hashBytes)
    const secret = this.#derived(exporter, label)
    return expanded(this.#suite, secret, 'exporter', hashed(this.#suite, context), length)
  }

  #both(secret: Uint8Array, stage: 'hs' | 'ap', transcript: Uint8Array): BothSecrets {
    const of = (side: 'c' | 's'): Uint8Array =>
      expanded(this.#suite, secret, `${side} ${stage} traffic`, transcript, this.#suite.hashBytes)
    return { client: of('c'), server: of('s') }
  }

  #derived(secret: Uint8Array, label: string): Uint8Array {
    return expanded(this.#suite, secret, label, hashed(this.#suite), this.#suite.hashBytes)
  }
}

export function finished(suite: Suite, secret: Uint8Array, transcript: Uint8Array): Uint8Array {
  return mac(suite, expanded(suite, secret, 'finished', NOTHING, suite.hashBytes), transcript)
}

export function updated(suite: Suite, secret: Uint8Array): Uint8Array {
  return expanded(suite, secret, 'traffic upd', NOTHING, suite.hashBytes)
}
