/** The header of our packets is the nested header that the vectors of the other formats prove, with other ciphers. */
import { describe, expect, it } from 'vitest'
import { concat, SeededRandom, utf8 } from '../../../src/lib/core/index.ts'
import { aes256Ctr, chacha20Keystream, hkdfExpand, hmac, kemSecret } from '../../../src/lib/crypto/index.ts'
import { createPacket, MixKey, makeGeometry, PACKET_FORMATS } from '../../../src/lib/sphinx/index.ts'
import { type HeaderHop, nestHeader } from '../../../src/lib/sphinx/variants/nested-header.ts'

const random = new SeededRandom(11)
const VERSION = new Uint8Array(2)
const DELAY = concat(Uint8Array.of(0x80), Uint8Array.of(0, 0, 0, 33))
const RECIPIENT = random.bytes(32)

/** Katzenpost's key schedule: MAC key 32, stream key 32, stream IV 16, cipher key 48, blinding seed 32. */
function keysOf(secret: Uint8Array): Uint8Array {
  return hkdfExpand(secret, utf8('katzenpost-kdf-v0-hkdf-sha256'), 160)
}

interface Hop {
  readonly id: Uint8Array
  readonly key: MixKey
}

interface Seen {
  readonly element: Uint8Array
  readonly secret: Uint8Array
}

/** What each hop finds in the packet: in `nike` the element blinded by the hops before, in `kem` what stands in its slot. */
function seenBy(
  hops: readonly Hop[],
  first: Uint8Array,
  format: 'kem' | 'nike',
  slotBytes: number,
  header: Uint8Array,
): Seen[] {
  let element = first
  let region = header.subarray(34, header.length - 32)
  return hops.map(({ key }) => {
    const dh = key.sharedWith(element) as Uint8Array
    const secret = format === 'nike' ? dh : kemSecret('sha256-v1', dh, key.publicKey, element)
    const seen = { element, secret }
    const keys = keysOf(secret)
    const stream = aes256Ctr(keys.subarray(32, 64), keys.subarray(64, 80), region.length + slotBytes)
    const open = concat(region, new Uint8Array(slotBytes)).map((byte, i) => byte ^ (stream[i] as number))
    region = open.subarray(slotBytes)
    element =
      format === 'nike'
        ? (MixKey.fromPrivate(chacha20Keystream(keys.subarray(128), 32)).sharedWith(element) as Uint8Array)
        : open.subarray(82, slotBytes)
    return seen
  })
}

describe.each(PACKET_FORMATS)('the header of a packet of format %s', (format) => {
  it.each([1, 2, 3, 4, 5])('over %i hops is the nested header', (count) => {
    const geometry = makeGeometry({ format, hops: count })
    const { slotBytes, routingBytes, headerBytes, payloadBytes } = geometry
    const hops = Array.from(
      { length: count },
      (): Hop => ({ id: random.bytes(32), key: MixKey.generate(random) }),
    )
    const path = hops.map(({ id, key }, i) => ({
      id,
      publicKey: key.publicKey,
      commands:
        i < count - 1
          ? [{ type: 'delay', ms: 33 } as const]
          : [{ type: 'recipient', id: RECIPIENT } as const],
    }))
    const packet = createPacket(geometry, path, new Uint8Array(payloadBytes), random)
    const header = packet.subarray(0, headerBytes)
    const seen = seenBy(hops, packet.subarray(2, 34), format, slotBytes, header)
    const nested = nestHeader(
      {
        stream(secret, length) {
          const keys = keysOf(secret)
          return aes256Ctr(keys.subarray(32, 64), keys.subarray(64, 80), length)
        },
        mac(secret, region) {
          const element = seen.find((each) => each.secret === secret)?.element as Uint8Array
          return hmac('sha256', keysOf(secret).subarray(0, 32), VERSION, element, region)
        },
      },
      routingBytes,
      seen.map(({ secret }, i): HeaderHop => {
        const next = hops[i + 1]
        return {
          secret,
          slotBytes,
          slot(nextMac) {
            const slot = new Uint8Array(slotBytes)
            if (next === undefined || nextMac === undefined) slot.set(concat(Uint8Array.of(2), RECIPIENT))
            else {
              slot.set(concat(DELAY, Uint8Array.of(1), next.id, nextMac))
              if (format === 'kem') slot.set(seen[i + 1]?.element as Uint8Array, 82)
            }
            return slot
          },
        }
      }),
      new Uint8Array(0),
    )
    expect(concat(VERSION, packet.subarray(2, 34), nested.region, nested.mac)).toEqual(new Uint8Array(header))
  })
})
