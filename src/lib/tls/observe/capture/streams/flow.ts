/** One direction of a connection, as the sink knows it. */
import { ipv4Text, ipv6Text } from './address.ts'
import type { Connection } from './connection.ts'

/** The same object for all that is delivered of one direction, so that it can be the key of a `Map`. */
export interface CaptureFlow {
  readonly transport: 'tcp' | 'udp'
  readonly ipVersion: 4 | 6
  /** Source address; IPv6 as in RFC 5952. */
  readonly src: string
  readonly srcPort: number
  readonly dst: string
  readonly dstPort: number
  /** Shared by both directions; counted from 0 in order of the first packet, for TCP and UDP each. */
  readonly connection: number
}

/** Addresses become text only when someone asks: most connections of a capture are of no interest. */
export class Flow implements CaptureFlow {
  readonly #connection: Connection<Flow>
  /** Sent by the endpoint that sorts first. */
  readonly #isForward: boolean
  readonly connection: number

  constructor(connection: Connection<Flow>, isForward: boolean) {
    this.#connection = connection
    this.#isForward = isForward
    this.connection = connection.number
  }

  get transport(): 'tcp' | 'udp' {
    return this.#connection.transport
  }

  get ipVersion(): 4 | 6 {
    return this.#connection.ipVersion
  }

  get src(): string {
    return this.#addressText(this.#isForward)
  }

  get srcPort(): number {
    return this.#isForward ? this.#connection.lowPort : this.#connection.highPort
  }

  get dst(): string {
    return this.#addressText(!this.#isForward)
  }

  get dstPort(): number {
    return this.#isForward ? this.#connection.highPort : this.#connection.lowPort
  }

  #addressText(low: boolean): string {
    const { ipVersion, low0, low1, low2, low3, high0, high1, high2, high3 } = this.#connection
    if (ipVersion === 4) return ipv4Text(low ? low0 : high0)
    return ipv6Text(low ? [low0, low1, low2, low3] : [high0, high1, high2, high3])
  }
}
