/** One entry of the connection table: two endpoints in sorted order, and a place for what each of them sends. */
import type { Packet } from '../packet.ts'

/** Addresses are 32-bit words as signed integers, which need no memory of their own. */
export class Connection<Direction> {
  readonly transport: 'tcp' | 'udp'
  readonly ipVersion: 4 | 6
  readonly low0: number
  readonly low1: number
  readonly low2: number
  readonly low3: number
  readonly high0: number
  readonly high1: number
  readonly high2: number
  readonly high3: number
  readonly lowPort: number
  readonly highPort: number
  readonly bucket: number

  number: number
  forward: Direction | undefined = undefined
  backward: Direction | undefined = undefined

  /** Next one in the same bucket. */
  next: Connection<Direction> | undefined = undefined
  /** Neighbours in order of use. */
  older: Connection<Direction> | undefined = undefined
  newer: Connection<Direction> | undefined = undefined

  constructor(transport: 'tcp' | 'udp', number: number, key: ConnectionKey) {
    this.transport = transport
    this.number = number
    this.ipVersion = key.ipVersion
    this.low0 = key.low0
    this.low1 = key.low1
    this.low2 = key.low2
    this.low3 = key.low3
    this.high0 = key.high0
    this.high1 = key.high1
    this.high2 = key.high2
    this.high3 = key.high3
    this.lowPort = key.lowPort
    this.highPort = key.highPort
    this.bucket = key.bucket
  }
}

/** The key of the packet under the hand; one object for all packets. */
export class ConnectionKey {
  ipVersion: 4 | 6 = 4
  low0 = 0
  low1 = 0
  low2 = 0
  low3 = 0
  high0 = 0
  high1 = 0
  high2 = 0
  high3 = 0
  lowPort = 0
  highPort = 0
  bucket = 0
  /** The packet goes from low to high. */
  isForward = true

  /** @param bucketMask number of buckets minus 1 */
  take(packet: Packet, bucketMask: number): void {
    const { bytes, ipVersion, sourceAt, destinationAt, sourcePort, destinationPort } = packet
    this.ipVersion = ipVersion
    const addressBytes = ipVersion === 4 ? 4 : 16
    let order = 0
    for (let i = 0; i < addressBytes && order === 0; i++)
      order = (bytes[sourceAt + i] as number) - (bytes[destinationAt + i] as number)
    if (order === 0) order = sourcePort - destinationPort
    this.isForward = order <= 0
    const lowAt = this.isForward ? sourceAt : destinationAt
    const highAt = this.isForward ? destinationAt : sourceAt
    this.lowPort = this.isForward ? sourcePort : destinationPort
    this.highPort = this.isForward ? destinationPort : sourcePort
    this.low0 = word(bytes, lowAt)
    this.high0 = word(bytes, highAt)
    if (ipVersion === 6) {
      this.low1 = word(bytes, lowAt + 4)
      this.low2 = word(bytes, lowAt + 8)
      this.low3 = word(bytes, lowAt + 12)
      this.high1 = word(bytes, highAt + 4)
      this.high2 = word(bytes, highAt + 8)
      this.high3 = word(bytes, highAt + 12)
    } else {
      this.low1 = this.low2 = this.low3 = 0
      this.high1 = this.high2 = this.high3 = 0
    }
    this.bucket = this.#hash() & bucketMask
  }

  matches(connection: Connection<unknown>): boolean {
    return (
      connection.lowPort === this.lowPort &&
      connection.highPort === this.highPort &&
      connection.low0 === this.low0 &&
      connection.high0 === this.high0 &&
      connection.ipVersion === this.ipVersion &&
      connection.low1 === this.low1 &&
      connection.low2 === this.low2 &&
      connection.low3 === this.low3 &&
      connection.high1 === this.high1 &&
      connection.high2 === this.high2 &&
      connection.high3 === this.high3
    )
  }

  #hash(): number {
    let hash = mix(this.ipVersion, (this.lowPort << 16) | this.highPort)
    hash = mix(mix(hash, this.low0), this.high0)
    if (this.ipVersion === 6) {
      hash = mix(mix(mix(hash, this.low1), this.low2), this.low3)
      hash = mix(mix(mix(hash, this.high1), this.high2), this.high3)
    }
    return hash
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}

/** One round of MurmurHash3 (public domain, A. Appleby) with its final shift. */
function mix(hash: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  const h = hash ^ k
  const rotated = (h << 13) | (h >>> 19)
  const mixed = Math.imul(rotated, 5) + 0xe6546b64
  return mixed ^ (mixed >>> 16)
}
