/**
 * Keys of one direction of a session (section 4.2): a chain secret per generation, from which the AEAD key and the
 * nonce salt are derived. The chain secret itself never touches the cipher.
 *
 * Nonce rule: `salt XOR (LE64(counter) ‖ 0000)`, counter from 0 in every generation, one per frame. A key belongs to
 * exactly one direction and generation, so no nonce repeats under it.
 */
import { concat, u32, utf8 } from '../../core/index.ts'
import { erase, hkdf, sha256 } from '../../crypto/index.ts'
import { writeNonce } from './nonce.ts'

const KEY = utf8('key')
const NONCE_SALT = utf8('ns')
const NEXT = utf8('next')
const KEY_UPDATE = utf8('KEY_UPDATE')
const NO_INFO = new Uint8Array(0)

/** Which way the bytes go: `c` client to server, `s` server to client. */
export type Direction = 'c' | 's'

export class DirectionKeys {
  readonly direction: Direction
  #chain: Uint8Array
  #transcript: Uint8Array
  #generation = 0
  #key: Uint8Array
  #salt: Uint8Array
  #counter = 0
  #watcher: ((generation: number, chain: Uint8Array) => void) | undefined
  readonly #nonce = new Uint8Array(12)

  /**
   * @param chain 32-byte chain secret of generation 0; owned, and erased, by this object
   * @param handshakeHash 32 bytes, where the transcript chain starts
   */
  constructor(direction: Direction, chain: Uint8Array, handshakeHash: Uint8Array) {
    this.direction = direction
    this.#chain = chain
    this.#transcript = handshakeHash.slice()
    this.#key = hkdf(chain, KEY, NO_INFO, 32)
    this.#salt = hkdf(chain, NONCE_SALT, NO_INFO, 12)
  }

  /**
   * Keys whose chain secret is not known, for judging single recorded frames.
   * @param counter of the next frame
   */
  static recorded(
    direction: Direction,
    key: Uint8Array,
    nonceSalt: Uint8Array,
    counter: number,
  ): DirectionKeys {
    const keys = new DirectionKeys(direction, new Uint8Array(32), new Uint8Array(32))
    keys.#key = key.slice()
    keys.#salt = nonceSalt.slice()
    keys.#counter = counter
    return keys
  }

  /**
   * Keys from a later generation on, for reading a recording.
   * @param chain chain secret of that generation
   * @param generation as many steps are taken to reach it, so the caller bounds it
   */
  static at(
    direction: Direction,
    chain: Uint8Array,
    handshakeHash: Uint8Array,
    generation: number,
  ): DirectionKeys {
    let transcript = handshakeHash
    for (let g = 1; g <= generation; g++) transcript = nextTranscript(transcript, direction, g)
    const keys = new DirectionKeys(direction, chain, transcript)
    keys.#generation = generation
    return keys
  }

  get generation(): number {
    return this.#generation
  }

  /** Frames sealed or opened under the current key. */
  get counter(): number {
    return this.#counter
  }

  /** The AEAD key in force, 32 bytes; replaced, and the old one erased, by `update`. */
  get key(): Uint8Array {
    return this.#key
  }

  /** For the key log and for vectors only. */
  exposeChainSecret(): Uint8Array {
    return this.#chain.slice()
  }

  /** For the key log only. @param watcher is told of each later generation; the array is erased with it */
  watch(watcher: (generation: number, chain: Uint8Array) => void): void {
    this.#watcher = watcher
  }

  get nonceSalt(): Uint8Array {
    return this.#salt
  }

  get transcriptHash(): Uint8Array {
    return this.#transcript
  }

  /** Nonce of the next frame. The array is reused: use it before the next call. */
  nextNonce(): Uint8Array {
    writeNonce(this.#nonce, this.#salt, this.#counter++)
    return this.#nonce
  }

  /** Moves to the next generation and erases what belonged to the old one. */
  update(): void {
    const generation = this.#generation + 1
    const transcript = nextTranscript(this.#transcript, this.direction, generation)
    const expanded = hkdf(this.#chain, NEXT, transcript, 64)
    const chain = expanded.slice(0, 32)
    erase(expanded, this.#chain, this.#key, this.#salt)
    this.#chain = chain
    this.#transcript = transcript
    this.#generation = generation
    this.#key = hkdf(chain, KEY, NO_INFO, 32)
    this.#salt = hkdf(chain, NONCE_SALT, NO_INFO, 12)
    this.#counter = 0
    this.#watcher?.(generation, chain)
  }

  erase(): void {
    erase(this.#chain, this.#key, this.#salt, this.#nonce)
  }
}

function nextTranscript(transcript: Uint8Array, direction: Direction, generation: number): Uint8Array {
  return sha256(transcript, KEY_UPDATE, utf8(direction), u32(generation))
}

/** Keys of both directions as one side sees them. */
export interface SessionDirections {
  readonly send: DirectionKeys
  readonly receive: DirectionKeys
}

/** Splits K0 into the two directions. `k0` is erased. */
export function directionsFromK0(
  role: 'client' | 'server',
  k0: Uint8Array,
  handshakeHash: Uint8Array,
): SessionDirections {
  const client = new DirectionKeys('c', k0.slice(0, 32), handshakeHash)
  const server = new DirectionKeys('s', k0.slice(32, 64), handshakeHash)
  erase(k0)
  return role === 'client' ? { send: client, receive: server } : { send: server, receive: client }
}

/** What `exporter` hashes its inputs from: `len(label) ‖ label ‖ SHA-256(context)` behind the fixed prefix. */
export function exporterInfo(label: string, context: Uint8Array): Uint8Array {
  const bytes = utf8(label)
  return concat(utf8('htx exporter v1'), Uint8Array.of(bytes.length), bytes, sha256(context))
}
