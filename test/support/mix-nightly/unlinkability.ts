/**
 * Whether what goes into a node can be told from what comes out, bit by bit, and whether bits of packets are told from coin
 * tosses. Every judgement is a probability, and the limit is divided by the number of judgements.
 */
import { SeededRandom } from '../../../src/lib/core/index.ts'
import { binomialUpperTail, normalTwoSided } from '../../../src/lib/mix/analysis/statistics/index.ts'
import {
  createPacket,
  type Geometry,
  loadSphinxKernel,
  type MixKey,
  PacketUnwrapper,
} from '../../../src/lib/sphinx/index.ts'
import { makePath } from '../../sphinx/network.ts'

/** AD, zero in every packet. */
const CONSTANT_BYTES = 2
/** Last byte of the group element. Its top bit is zero in every X25519 key, so that it tells no packet from another. */
const TOP_BYTE = 33
const TOP_BYTE_MASK = 0x7f

const maskAt = (at: number): number => (at === TOP_BYTE ? TOP_BYTE_MASK : 0xff)
/** Chance that two random bytes agree in all that varies. */
const sameAt = (at: number): number => 1 / (maskAt(at) + 1)

/** A node: what comes out for a packet that comes in. */
export type Relay = (packet: Uint8Array) => Uint8Array

export interface UnlinkabilityOptions {
  readonly geometry: Geometry
  readonly packets: number
  readonly seed: number
  /** Probability of an alarm although all is well. */
  readonly alpha: number
  /** In place of the node under test. */
  readonly relay?: Relay
}

/** Lines that say what linked input and output; none when nothing did. */
export function unlinkabilityProblems(options: UnlinkabilityOptions): readonly string[] {
  const { geometry, packets, seed, alpha } = options
  const random = new SeededRandom(seed)
  const way = makePath({ random, hops: 2 })
  const relay = options.relay ?? honestRelay(geometry, way.keys[0] as MixKey)
  const judged = geometry.packetBytes - CONSTANT_BYTES
  const same = new Uint32Array(geometry.packetBytes)
  const stream = new BitStream()
  const problems: string[] = []
  for (let i = 0; i < packets; i++) {
    const packet = createPacket(geometry, way.path, random.bytes(geometry.payloadBytes), random)
    const output = relay(packet)
    if (output.length !== packet.length) problems.push(`packet ${i} comes out with ${output.length} bytes`)
    for (let at = CONSTANT_BYTES; at < packet.length; at++)
      if ((((packet[at] as number) ^ (output[at] as number)) & maskAt(at)) === 0)
        same[at] = (same[at] as number) + 1
    stream.add(output.subarray(CONSTANT_BYTES, TOP_BYTE))
    stream.add(output.subarray(TOP_BYTE + 1))
  }
  // At each offset too many and too few equal bytes, then two tests of the stream.
  const limit = alpha / (2 * judged + 2)
  for (let at = CONSTANT_BYTES; at < geometry.packetBytes; at++) {
    const count = same[at] as number
    const tooMany = binomialUpperTail(count, packets, sameAt(at))
    const tooFew = 1 - binomialUpperTail(count + 1, packets, sameAt(at))
    if (Math.min(tooMany, tooFew) < limit) problems.push(`offset ${at}: ${count} of ${packets} bytes stay`)
  }
  if (stream.monobit() < limit) problems.push('there are more ones than zeros, or fewer')
  if (stream.serial() < limit) problems.push('pairs of bits are not equally frequent')
  return problems
}

function honestRelay(geometry: Geometry, key: MixKey): Relay {
  const unwrapper = new PacketUnwrapper(geometry, loadSphinxKernel(geometry))
  unwrapper.setKeys([key])
  return (packet) => {
    const status = unwrapper.unwrap(packet)
    if (status !== 0) throw new Error(`a good packet was answered with ${status}`)
    return unwrapper.output
  }
}

/** How often 00, 01, 10 and 11 stand in a byte, of seven places where they can. */
const PAIRS_IN_BYTE = new Uint8Array(4 * 256)
for (let byte = 0; byte < 256; byte++)
  for (let shift = 0; shift < 7; shift++) {
    const at = 4 * byte + ((byte >> shift) & 3)
    PAIRS_IN_BYTE[at] = (PAIRS_IN_BYTE[at] as number) + 1
  }

/** The monobit and the serial test of NIST SP 800-22, sections 2.1 and 2.11 with m = 2, over bytes as they come. */
class BitStream {
  #bits = 0
  #first = -1
  #last = 0
  /** Of the bit patterns 00, 01, 10, 11. */
  readonly #pairs = [0, 0, 0, 0]

  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      const first = byte >> 7
      if (this.#first === -1) this.#first = first
      else this.#count(2 * this.#last + first, 1)
      for (let pattern = 0; pattern < 4; pattern++)
        this.#count(pattern, PAIRS_IN_BYTE[4 * byte + pattern] as number)
      this.#last = byte & 1
    }
    this.#bits += 8 * bytes.length
  }

  #count(pattern: number, times: number): void {
    this.#pairs[pattern] = (this.#pairs[pattern] as number) + times
  }

  /** The pairs of the stream as a ring, as the serial test has them. */
  get #ring(): readonly number[] {
    const ring = [...this.#pairs]
    const closing = 2 * this.#last + this.#first
    ring[closing] = (ring[closing] as number) + 1
    return ring
  }

  get #ones(): number {
    const [, , ten = 0, eleven = 0] = this.#ring
    return ten + eleven
  }

  monobit(): number {
    return normalTwoSided((2 * this.#ones - this.#bits) / Math.sqrt(this.#bits))
  }

  serial(): number {
    const n = this.#bits
    const psi2 = (4 / n) * this.#ring.reduce((sum, count) => sum + count ** 2, 0) - n
    const psi1 = (2 / n) * (this.#ones ** 2 + (n - this.#ones) ** 2) - n
    // The difference has a chi-square law of two degrees of freedom, whose tail is this.
    return Math.exp(-(psi2 - psi1) / 2)
  }
}
