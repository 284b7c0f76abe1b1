/**
 * The nested header that all formats of Sphinx share (Danezis and Goldberg, IEEE S&P 2009, section 3.2), over any group,
 * stream cipher and MAC, with slots of any length: each hop finds its slot in front, shifts the region, and refills its end
 * with its own stream, so that the region never shrinks. The sender foresees that refill: the filler.
 */
import { concat } from '../../core/index.ts'

export interface HeaderCiphers {
  /** `length` bytes of the key stream of a hop. */
  stream(secret: Uint8Array, length: number): Uint8Array
  /** The MAC of a hop over its whole region. */
  mac(secret: Uint8Array, region: Uint8Array): Uint8Array
}

export interface NestedHeader {
  readonly region: Uint8Array
  readonly mac: Uint8Array
}

export interface HeaderHop {
  readonly secret: Uint8Array
  /** Bytes of the hop's slot, the MAC for the next hop included. */
  readonly slotBytes: number
  /** The slot, given the MAC that the next hop will check; undefined at the last hop. */
  slot(nextMac: Uint8Array | undefined): Uint8Array
}

/**
 * The header that the first hop gets.
 * @param padding what follows the last slot: random, so that the length of the path does not show
 */
export function nestHeader(
  ciphers: HeaderCiphers,
  regionBytes: number,
  hops: readonly HeaderHop[],
  padding: Uint8Array,
): NestedHeader {
  const filler = fillerOf(ciphers, regionBytes, hops)
  let region: Uint8Array = new Uint8Array(regionBytes)
  region.set(padding.subarray(0, regionBytes))
  let mac: Uint8Array | undefined
  for (let i = hops.length - 1; i >= 0; i--) {
    const hop = hops[i] as HeaderHop
    const joined = concat(hop.slot(mac), region.subarray(0, regionBytes - hop.slotBytes))
    region = xor(joined, ciphers.stream(hop.secret, regionBytes))
    if (mac === undefined) region.set(filler, regionBytes - filler.length)
    mac = ciphers.mac(hop.secret, region)
  }
  return { region, mac: mac as Uint8Array }
}

/** What stands behind the last slot when the hops before it have each shifted in their zeros and encrypted all. */
function fillerOf(ciphers: HeaderCiphers, regionBytes: number, hops: readonly HeaderHop[]): Uint8Array {
  let filler = new Uint8Array(0)
  for (const { secret, slotBytes } of hops.slice(0, -1)) {
    const stream = ciphers.stream(secret, regionBytes + slotBytes)
    filler = xor(concat(filler, new Uint8Array(slotBytes)), stream.subarray(regionBytes - filler.length))
  }
  return filler
}

/**
 * The region as its hop reads it: its slot, the region for the next hop, and what was shifted in.
 * @param slotBytes the most that a slot can have
 */
export function openRegion(
  ciphers: Pick<HeaderCiphers, 'stream'>,
  secret: Uint8Array,
  region: Uint8Array,
  slotBytes: number,
): Uint8Array {
  const open = ciphers.stream(secret, region.length + slotBytes)
  for (let i = 0; i < region.length; i++) open[i] = (open[i] as number) ^ (region[i] as number)
  return open
}

/** @param b at least as long as `a` */
export function xor(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(a, (byte, i) => byte ^ (b[i] as number))
}
