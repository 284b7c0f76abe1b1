/** Connections by their endpoints, bounded; the least recently used one makes room. */
import { MAX_BUCKET_CONNECTIONS } from '../constants.ts'
import type { Packet } from '../packet.ts'
import { Connection, ConnectionKey } from './connection.ts'

export class ConnectionTable<Direction> {
  readonly #transport: 'tcp' | 'udp'
  readonly #maxConnections: number
  readonly #onEvict: (connection: Connection<Direction>) => void
  readonly #key = new ConnectionKey()
  readonly #buckets: (Connection<Direction> | undefined)[]
  #size = 0
  #newest: Connection<Direction> | undefined
  #oldest: Connection<Direction> | undefined
  #created = 0

  constructor(
    transport: 'tcp' | 'udp',
    maxConnections: number,
    onEvict: (connection: Connection<Direction>) => void,
  ) {
    this.#transport = transport
    this.#maxConnections = maxConnections
    this.#onEvict = onEvict
    this.#buckets = new Array(bucketCount(maxConnections)).fill(undefined)
  }

  /** Connections so far, a reused pair of ports counted anew. */
  get created(): number {
    return this.#created
  }

  /** The last packet given to {@link take} goes from the endpoint that sorts first. */
  get isForward(): boolean {
    return this.#key.isForward
  }

  /** The connection of the packet; a new one when it is the first. */
  take(packet: Packet): Connection<Direction> {
    const key = this.#key
    key.take(packet, this.#buckets.length - 1)
    let length = 0
    for (let entry = this.#buckets[key.bucket]; entry !== undefined; entry = entry.next) {
      if (key.matches(entry)) {
        this.#touch(entry)
        return entry
      }
      length++
      if (length === MAX_BUCKET_CONNECTIONS) {
        this.#evict(entry)
        break
      }
    }
    if (this.#size === this.#maxConnections) this.evictOldest()
    return this.#create()
  }

  /** Makes the connection one that begins anew, with a number of its own. */
  renew(connection: Connection<Direction>): void {
    connection.number = this.#created++
    connection.forward = undefined
    connection.backward = undefined
  }

  /** False when there is none. */
  evictOldest(): boolean {
    if (this.#oldest === undefined) return false
    this.#evict(this.#oldest)
    return true
  }

  /** From the least recently used one on. */
  *connections(): Generator<Connection<Direction>> {
    for (let entry = this.#oldest; entry !== undefined; entry = entry.newer) yield entry
  }

  #create(): Connection<Direction> {
    const connection = new Connection<Direction>(this.#transport, this.#created++, this.#key)
    connection.next = this.#buckets[connection.bucket]
    this.#buckets[connection.bucket] = connection
    this.#size++
    this.#link(connection)
    return connection
  }

  #evict(connection: Connection<Direction>): void {
    this.#unlink(connection)
    this.#size--
    const first = this.#buckets[connection.bucket]
    if (first === connection) {
      this.#buckets[connection.bucket] = connection.next
    } else {
      let before = first
      while (before !== undefined && before.next !== connection) before = before.next
      if (before !== undefined) before.next = connection.next
    }
    // Who keeps a flow of this connection must not keep its neighbours with it.
    connection.next = undefined
    connection.older = undefined
    connection.newer = undefined
    this.#onEvict(connection)
  }

  #touch(connection: Connection<Direction>): void {
    if (connection === this.#newest) return
    this.#unlink(connection)
    this.#link(connection)
  }

  #link(connection: Connection<Direction>): void {
    connection.older = this.#newest
    connection.newer = undefined
    if (this.#newest === undefined) this.#oldest = connection
    else this.#newest.newer = connection
    this.#newest = connection
  }

  #unlink(connection: Connection<Direction>): void {
    if (connection.older === undefined) this.#oldest = connection.newer
    else connection.older.newer = connection.newer
    if (connection.newer === undefined) this.#newest = connection.older
    else connection.newer.older = connection.older
  }
}

/** The power of two at or above. */
function bucketCount(maxConnections: number): number {
  let count = 1
  while (count < maxConnections) count *= 2
  return count
}
