/** Assembles the header of a packet or a SURB when the keys of every hop are known. */
import { concat } from '../core/index.ts'
import { aes256Ctr, hmac } from '../crypto/index.ts'
import { encodeCommands, type RoutingCommand } from './commands.ts'
import { AD_BYTES, COMMANDS_BYTES, ELEMENT_BYTES } from './constants.ts'
import type { Geometry } from './geometry.ts'
import type { HopKeys } from './hop-keys.ts'

/** Version 0.0; the MAC covers it. */
const AD = new Uint8Array(AD_BYTES)

export interface HeaderHop {
  readonly id: Uint8Array
  /** What this hop sees as group element or ciphertext, 32 bytes. */
  readonly element: Uint8Array
  readonly keys: HopKeys
  /** Without next-hop. */
  readonly commands: readonly RoutingCommand[]
}

/**
 * @param hops from the first to the last, no more than the geometry has
 * @param padding random bytes for the slots that the path leaves free. Random, because zeros would show the last hop how
 *   long the path was (Kuhn et al., "Breaking and (Partially) Fixing Provably Secure Onion Routing", 2020)
 */
export function assembleHeader(
  { slotBytes, routingBytes }: Geometry,
  hops: readonly HeaderHop[],
  padding: Uint8Array,
): Uint8Array {
  const streams = hops.map(({ keys }) => aes256Ctr(keys.streamKey, keys.iv, routingBytes + slotBytes))
  const fillers = fillersOf(streams, routingBytes, slotBytes)
  const routing = new Uint8Array(routingBytes)
  routing.set(padding, hops.length * slotBytes)
  let mac: Uint8Array | undefined
  for (let i = hops.length - 1; i >= 0; i--) {
    const { keys, element, commands } = hops[i] as HeaderHop
    const next = hops[i + 1]
    const from = i * slotBytes
    const slot = routing.subarray(from, from + slotBytes)
    if (next === undefined || mac === undefined) slot.set(encodeCommands(commands))
    else {
      slot.set(encodeCommands([...commands, { type: 'next-hop', node: next.id, mac }]))
      // The next hop's ciphertext travels in the slot; in `nike` each node computes it instead.
      if (slotBytes > COMMANDS_BYTES) slot.set(next.element, slotBytes - ELEMENT_BYTES)
    }
    const sealed = routing.subarray(from)
    xorInto(sealed, streams[i] as Uint8Array)
    const filler = fillers[i - 1]
    mac = hmac('sha256', keys.macKey, AD, element, sealed, ...(filler === undefined ? [] : [filler]))
  }
  return concat(AD, (hops[0] as HeaderHop).element, routing, mac as Uint8Array)
}

/** Entry `i` is what stands behind the routing slots when the packet leaves hop `i`: what each hop's stream puts in place of the slot it took. */
function fillersOf(streams: readonly Uint8Array[], routingBytes: number, slotBytes: number): Uint8Array[] {
  const fillers: Uint8Array[] = []
  let before: Uint8Array | undefined
  streams.forEach((stream, i) => {
    const filler = stream.slice(routingBytes - i * slotBytes)
    if (before !== undefined) xorInto(filler, before)
    fillers.push(filler)
    before = filler
  })
  return fillers
}

/** As far as the shorter one goes. */
function xorInto(into: Uint8Array, mask: Uint8Array): void {
  const length = Math.min(into.length, mask.length)
  for (let i = 0; i < length; i++) into[i] = (into[i] as number) ^ (mask[i] as number)
}
