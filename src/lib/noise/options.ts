/** What a Noise handshake is given and what it offers. */
import type { RandomSource } from '../core/index.ts'
import type { CryptoProvider, X25519KeyPair } from '../crypto/index.ts'
import type { SplitKeys } from './symmetric-state.ts'

export type Role = 'initiator' | 'responder'

export interface HandshakeOptions {
  /** Full protocol name, such as `Noise_XK_25519_ChaChaPoly_SHA256`. */
  readonly protocol: string
  /** The initiator writes the first message. */
  readonly role: Role
  /** Bytes both sides must already agree on; any length. */
  readonly prologue: Uint8Array
  /** Own static key. It stays the caller's: it is used, never erased. */
  readonly staticKey?: X25519KeyPair | undefined
  /** The peer's static key, exactly where the pattern has it as a pre-message. */
  readonly remoteStatic?: Uint8Array | undefined
  /** The peer's ephemeral key, exactly where a fallback pattern has it as a pre-message. */
  readonly remoteEphemeral?: Uint8Array | undefined
  /** A given ephemeral key, for fallback patterns and vectors. It stays the caller's; never use one twice. */
  readonly ephemeralKey?: X25519KeyPair | undefined
  /** 64-byte seed of the KEM key pair; vectors only. */
  readonly kemSeed?: Uint8Array | undefined
  /** 32 bytes of encapsulation randomness; vectors only, and only with a deterministic provider. */
  readonly kemMessage?: Uint8Array | undefined
  /** 32 bytes each, copied: as many as the pattern has `psk` modifiers, in their order. */
  readonly psks?: readonly Uint8Array[] | undefined
  /** node:crypto when absent. */
  readonly provider?: CryptoProvider | undefined
  /** Source of ephemeral keys. Encapsulation draws from it only with a deterministic provider. */
  readonly random?: RandomSource | undefined
}

export interface Handshake {
  /** True once every message of the pattern has passed, unless the handshake failed. */
  readonly complete: boolean
  /** True when the next message is ours to write. */
  readonly myTurn: boolean
  /** The peer's static key: given, or received and decrypted. Who holds it is proved by the messages that follow. */
  readonly remoteStatic: Uint8Array | undefined
  readonly remoteEphemeral: Uint8Array | undefined
  /**
   * The next message, at most 65,535 bytes.
   * @throws AivError `E_HANDSHAKE` (out of turn, too long, over) or `E_CRYPTO` (a bad key of the peer); both end it
   */
  writeMessage(payload: Uint8Array): Uint8Array
  /**
   * Takes the peer's next message and returns its payload.
   * @throws AivError `E_AUTHENTICATION` (forged, or another key, psk or prologue), `E_HANDSHAKE` (truncated, out of
   * turn, too long, over) or `E_CRYPTO` (a low-order point or bad KEM key); each ends it
   */
  readMessage(message: Uint8Array): Uint8Array
  /**
   * The transport keys, which are the caller's to erase. Everything else secret is erased. After a one-way pattern
   * only `k1` may be used.
   * @throws AivError `E_HANDSHAKE` unless complete; once only
   */
  split(): SplitKeys
  /** Ends the handshake and erases its secrets. */
  erase(): void
}
