/** Keys of one direction of a 1.2 session: a traffic secret per generation, from which key and nonce salt come. */
import { erase } from '../../crypto/index.ts'
import type { Direction } from '../keys/direction.ts'
import { writeNonce } from '../keys/nonce.ts'
import { expandLabel, innerExporter, trafficSecrets } from './schedule.ts'

export class TrafficKeys {
  readonly direction: Direction
  #secret: Uint8Array
  #generation = 0
  #key: Uint8Array
  #salt: Uint8Array
  #counter = 0
  #watcher: ((generation: number, secret: Uint8Array) => void) | undefined
  readonly #nonce = new Uint8Array(12)

  /** @param secret 32-byte traffic secret of generation 0; owned, and erased, by this object */
  constructor(direction: Direction, secret: Uint8Array) {
    this.direction = direction
    this.#secret = secret
    this.#key = expandLabel(secret, 'key', 32)
    this.#salt = expandLabel(secret, 'nonce', 12)
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

  /** For the key log only. @param watcher is told of each later generation; the array is erased with it */
  watch(watcher: (generation: number, secret: Uint8Array) => void): void {
    this.#watcher = watcher
  }

  get nonceSalt(): Uint8Array {
    return this.#salt
  }

  /** For the key log and for vectors only. */
  exposeChainSecret(): Uint8Array {
    return this.#secret.slice()
  }

  /** Nonce of the next frame. The array is reused: use it before the next call. */
  nextNonce(): Uint8Array {
    writeNonce(this.#nonce, this.#salt, this.#counter++)
    return this.#nonce
  }

  /** Moves to the next generation and erases what belonged to the old one. */
  update(): void {
    const next = expandLabel(this.#secret, 'next', 32)
    this.erase()
    this.#secret = next
    this.#generation++
    this.#key = expandLabel(next, 'key', 32)
    this.#salt = expandLabel(next, 'nonce', 12)
    this.#counter = 0
    this.#watcher?.(this.#generation, next)
  }

  erase(): void {
    erase(this.#secret, this.#key, this.#salt, this.#nonce)
  }
}

/** Keys of both directions as one side sees them. */
export interface TrafficDirections {
  readonly send: TrafficKeys
  readonly receive: TrafficKeys
}

/** @param split k1 ‖ k2 of Noise, 64 bytes */
export function trafficDirections(
  role: 'client' | 'server',
  split: Uint8Array,
  salt: Uint8Array,
  context: Uint8Array,
): TrafficDirections {
  const { c, s } = trafficSecrets(innerExporter(split, salt, context))
  const client = new TrafficKeys('c', c)
  const server = new TrafficKeys('s', s)
  return role === 'client' ? { send: client, receive: server } : { send: server, receive: client }
}
