/** A client that writes any payload it likes into messages 1 and 3; of the product it uses only Noise. */
import { concat, SeededRandom, u16, utf8 } from '../../../src/lib/core/index.ts'
import type { Identity } from '../../../src/lib/identity/index.ts'
import { createHandshake, type Handshake } from '../../../src/lib/noise/index.ts'

const PROTOCOL = {
  1: 'Noise_XK_25519_ChaChaPoly_SHA256',
  2: 'Noise_XKhfs_25519+MLKEM768_ChaChaPoly_SHA256',
  5: 'Noise_XX_25519_ChaChaPoly_SHA256',
  6: 'Noise_XXhfs_25519+MLKEM768_ChaChaPoly_SHA256',
} as const

export type FullSuite = keyof typeof PROTOCOL

export interface RawInitiatorOptions {
  readonly suite: FullSuite
  readonly identity: Identity
  /** X25519 key of the listener. */
  readonly remoteStatic: Uint8Array
  /** Code of section 2.2; default 1, htx+tcp. */
  readonly linkCode?: number
  readonly seed?: number
}

export class RawInitiator {
  readonly noise: Handshake
  readonly #suite: FullSuite

  constructor({ suite, identity, remoteStatic, linkCode = 1, seed = 1 }: RawInitiatorOptions) {
    this.#suite = suite
    this.noise = createHandshake({
      protocol: PROTOCOL[suite],
      role: 'initiator',
      prologue: concat(utf8('htx inner v1'), Uint8Array.of(suite, linkCode, 0)),
      staticKey: identity.noise,
      random: new SeededRandom(seed),
      ...(suite < 5 ? { remoteStatic } : {}),
    })
  }

  /** Message 1 for the wire. */
  message1(payload: Uint8Array): Uint8Array {
    return framed(concat(Uint8Array.of(this.#suite), this.noise.writeMessage(payload)))
  }

  /** Reads the wire form of message 2. @returns its payload */
  readMessage2(wire: Uint8Array): Uint8Array {
    return this.noise.readMessage(wire.subarray(2))
  }

  /** Message 3 for the wire. */
  message3(payload: Uint8Array): Uint8Array {
    return framed(this.noise.writeMessage(payload))
  }
}

export function framed(body: Uint8Array): Uint8Array {
  return concat(u16(body.length), body)
}
