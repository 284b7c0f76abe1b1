/**
 * HandshakeState of the Noise Protocol Framework, revision 34, section 5.3, with the KEM tokens of Noise HFS.
 *
 * Sans-IO: messages go in and out as bytes, the caller carries them. Any failure ends the handshake for good: its
 * secrets are erased and later calls throw, so that no caller can go on with half a transcript.
 */
import { concat } from '../core/index.ts'
import {
  type CryptoProvider,
  erase,
  MLKEM768_CIPHERTEXT_BYTES,
  MLKEM768_ENCAPSULATION_KEY_BYTES,
  MLKEM768_MESSAGE_BYTES,
  MLKEM768_SEED_BYTES,
  type MlKem768KeyPair,
  nodeProvider,
  type X25519KeyPair,
} from '../crypto/index.ts'
import { DH_BYTES, MAX_MESSAGE_BYTES, TAG_BYTES } from './constants.ts'
import { checkKeys, failure, held } from './keys.ts'
import type { Handshake, HandshakeOptions } from './options.ts'
import type { Token } from './patterns.ts'
import { type NoiseProtocol, parseProtocol } from './protocol.ts'
import { type SplitKeys, SymmetricState } from './symmetric-state.ts'

type DhToken = 'ee' | 'es' | 'se' | 'ss'

/**
 * Starts a handshake.
 * @throws AivError `E_UNSUPPORTED` for an unknown protocol, `E_HANDSHAKE` or `E_CRYPTO` when the keys given are not
 * those the pattern asks for
 */
export function createHandshake(options: HandshakeOptions): Handshake {
  const protocol = parseProtocol(options.protocol)
  checkKeys(protocol, options)
  return new NoiseHandshake(protocol, options)
}

class NoiseHandshake implements Handshake {
  readonly #options: HandshakeOptions
  readonly #provider: CryptoProvider
  readonly #messages: readonly (readonly Token[])[]
  readonly #isInitiator: boolean
  readonly #hasPsk: boolean
  readonly #symmetric: SymmetricState
  readonly #psks: Uint8Array[]
  #nextPsk = 0
  #nextMessage = 0
  #state: 'running' | 'split' | 'ended' = 'running'
  #ephemeral: X25519KeyPair | undefined
  #kem: MlKem768KeyPair | undefined
  #remoteEncapsulationKey: Uint8Array | undefined
  #remoteStatic: Uint8Array | undefined
  #remoteEphemeral: Uint8Array | undefined

  constructor(protocol: NoiseProtocol, options: HandshakeOptions) {
    this.#options = options
    this.#provider = options.provider ?? nodeProvider
    this.#messages = protocol.pattern.messages
    this.#isInitiator = options.role === 'initiator'
    this.#psks = (options.psks ?? []).map((psk) => psk.slice())
    this.#hasPsk = this.#psks.length > 0
    this.#ephemeral = options.ephemeralKey
    this.#remoteStatic = options.remoteStatic?.slice()
    this.#remoteEphemeral = options.remoteEphemeral?.slice()
    this.#symmetric = new SymmetricState(this.#provider, protocol.name, protocol.hash)
    this.#symmetric.mixHash(options.prologue)
    const { initiatorPreMessage, responderPreMessage } = protocol.pattern
    for (const token of initiatorPreMessage) this.#mixPreMessage(token, this.#isInitiator)
    for (const token of responderPreMessage) this.#mixPreMessage(token, !this.#isInitiator)
  }

  get complete(): boolean {
    return this.#state !== 'ended' && this.#nextMessage === this.#messages.length
  }

  get myTurn(): boolean {
    return this.#state === 'running' && !this.complete && (this.#nextMessage % 2 === 0) === this.#isInitiator
  }

  get remoteStatic(): Uint8Array | undefined {
    return this.#remoteStatic
  }

  get remoteEphemeral(): Uint8Array | undefined {
    return this.#remoteEphemeral
  }

  writeMessage(payload: Uint8Array): Uint8Array {
    return this.#step(true, (tokens) => {
      if (payload.length > MAX_MESSAGE_BYTES) throw failure('the payload is too long for a Noise message')
      const parts: Uint8Array[] = []
      for (const token of tokens) this.#writeToken(token, parts)
      parts.push(this.#symmetric.encryptAndHash(payload))
      const message = concat(...parts)
      if (message.length > MAX_MESSAGE_BYTES) throw failure('the payload is too long for a Noise message')
      return message
    })
  }

  readMessage(message: Uint8Array): Uint8Array {
    return this.#step(false, (tokens) => {
      if (message.length > MAX_MESSAGE_BYTES) throw failure('the Noise message is too long')
      let rest = message
      const take = (length: number): Uint8Array => {
        if (rest.length < length) throw failure('the Noise message is truncated')
        const taken = rest.slice(0, length)
        rest = rest.subarray(length)
        return taken
      }
      for (const token of tokens) this.#readToken(token, take)
      if (this.#symmetric.hasKey && rest.length < TAG_BYTES) throw failure('the Noise message is truncated')
      return this.#symmetric.decryptAndHash(take(rest.length))
    })
  }

  split(): SplitKeys {
    if (this.#state !== 'running' || !this.complete) {
      this.#fail()
      throw failure('the Noise handshake is not complete, or is over')
    }
    this.#state = 'split'
    return this.#symmetric.split()
  }

  erase(): void {
    this.#state = 'ended'
    this.#eraseSecrets()
    this.#symmetric.erase()
  }

  #fail(): void {
    this.erase()
    // Nothing that an unauthenticated message claimed stays readable.
    this.#remoteStatic = undefined
    this.#remoteEphemeral = undefined
  }

  #step(isWriting: boolean, run: (tokens: readonly Token[]) => Uint8Array): Uint8Array {
    try {
      const tokens = this.#messages[this.#nextMessage]
      if (this.#state !== 'running' || tokens === undefined) throw failure('the Noise handshake is over')
      if (this.myTurn !== isWriting) throw failure('the Noise message is out of turn')
      const result = run(tokens)
      this.#nextMessage++
      if (this.complete) this.#eraseSecrets()
      return result
    } catch (error) {
      this.#fail()
      throw error
    }
  }

  /** Ephemeral keys and psks have no use after the last token. Keys that the caller lent are not ours to erase. */
  #eraseSecrets(): void {
    if (this.#ephemeral !== this.#options.ephemeralKey) this.#ephemeral?.erase()
    this.#ephemeral = undefined
    this.#kem?.erase()
    this.#kem = undefined
    erase(...this.#psks)
  }

  #mixPreMessage(token: Token, isOurs: boolean): void {
    const [own, remote] =
      token === 's'
        ? [this.#options.staticKey?.publicKey, this.#remoteStatic]
        : [this.#ephemeral?.publicKey, this.#remoteEphemeral]
    this.#symmetric.mixHash(held(isOurs ? own : remote, 'the key of a pre-message'))
  }

  /** With a psk the first cipher key would be the same in every handshake; the ephemeral makes it fresh (9.2). */
  #mixPskEphemeral(publicKey: Uint8Array): void {
    if (this.#hasPsk) this.#symmetric.mixKey(publicKey)
  }

  #writeToken(token: Token, parts: Uint8Array[]): void {
    switch (token) {
      case 'e': {
        this.#ephemeral ??= this.#provider.x25519.generate(this.#options.random)
        const { publicKey } = this.#ephemeral
        parts.push(publicKey)
        this.#symmetric.mixHash(publicKey)
        this.#mixPskEphemeral(publicKey)
        return
      }
      case 's':
        parts.push(this.#symmetric.encryptAndHash(held(this.#options.staticKey, 'a static key').publicKey))
        return
      case 'e1':
        this.#kem = this.#generateKem()
        parts.push(this.#symmetric.encryptAndHash(this.#kem.encapsulationKey))
        return
      case 'ekem1': {
        const { ciphertext, sharedSecret } = this.#encapsulate()
        // The ciphertext goes out under the old key; mixing first would give keys that the peer cannot reach.
        parts.push(this.#symmetric.encryptAndHash(ciphertext))
        this.#mixSecret(sharedSecret)
        return
      }
      default:
        this.#mixShared(token)
    }
  }

  #readToken(token: Token, take: (length: number) => Uint8Array): void {
    const takeEncrypted = (length: number): Uint8Array =>
      this.#symmetric.decryptAndHash(take(this.#symmetric.hasKey ? length + TAG_BYTES : length))
    switch (token) {
      case 'e':
        this.#remoteEphemeral = take(DH_BYTES)
        this.#symmetric.mixHash(this.#remoteEphemeral)
        this.#mixPskEphemeral(this.#remoteEphemeral)
        return
      case 's':
        this.#remoteStatic = takeEncrypted(DH_BYTES)
        return
      case 'e1':
        this.#remoteEncapsulationKey = takeEncrypted(MLKEM768_ENCAPSULATION_KEY_BYTES)
        return
      case 'ekem1': {
        const ciphertext = takeEncrypted(MLKEM768_CIPHERTEXT_BYTES)
        this.#mixSecret(held(this.#kem, 'a KEM key').decapsulate(ciphertext))
        return
      }
      default:
        this.#mixShared(token)
    }
  }

  /** Tokens that both sides treat alike. */
  #mixShared(token: DhToken | 'psk'): void {
    if (token === 'psk') {
      this.#symmetric.mixKeyAndHash(held(this.#psks[this.#nextPsk++], 'a pre-shared key'))
      return
    }
    const usesOwnStatic = token === 'ss' || token === (this.#isInitiator ? 'se' : 'es')
    const usesRemoteStatic = token === 'ss' || token === (this.#isInitiator ? 'es' : 'se')
    const own = held(usesOwnStatic ? this.#options.staticKey : this.#ephemeral, 'a key of its own')
    const remote = held(usesRemoteStatic ? this.#remoteStatic : this.#remoteEphemeral, 'a key of the peer')
    this.#mixSecret(own.sharedSecret(remote))
  }

  #mixSecret(secret: Uint8Array): void {
    this.#symmetric.mixKey(secret)
    erase(secret)
  }

  #generateKem(): MlKem768KeyPair {
    const { kemSeed, random } = this.#options
    const seed = kemSeed?.slice() ?? random?.bytes(MLKEM768_SEED_BYTES)
    try {
      return this.#provider.mlkem768.generate(seed)
    } finally {
      erase(seed)
    }
  }

  #encapsulate(): ReturnType<CryptoProvider['mlkem768']['encapsulate']> {
    const { kemMessage, random } = this.#options
    const { mlkem768 } = this.#provider
    const drawn =
      kemMessage === undefined && mlkem768.deterministic ? random?.bytes(MLKEM768_MESSAGE_BYTES) : undefined
    try {
      return mlkem768.encapsulate(
        held(this.#remoteEncapsulationKey, 'a KEM key of the peer'),
        kemMessage ?? drawn,
      )
    } finally {
      erase(drawn)
    }
  }
}
