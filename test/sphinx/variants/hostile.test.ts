import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import { loadSecp256k1, loadVariableBlake2b, x25519 } from '../../../src/lib/crypto/index.ts'
import { createOnion, ONION_BYTES, openFailure, openOnion } from '../../../src/lib/sphinx/variants/bolt04.ts'
import {
  createMixPacket,
  type MixPacket,
  unwrapMixPacket,
} from '../../../src/lib/sphinx/variants/sphinxmixcrypto.ts'
import { readBigSize, readRecords } from '../../../src/lib/sphinx/variants/tlv.ts'

const hash = await loadVariableBlake2b()
const group = await loadSecp256k1()
const random = new SeededRandom(7)
const DATA = random.bytes(32)

const mixKeys = Array.from({ length: 3 }, () => x25519.generate(random))
const mixPath = mixKeys.map(({ publicKey }, i) => ({
  id: Uint8Array.of(0xff, i, ...new Uint8Array(14)),
  publicKey,
}))
const MESSAGE = random.bytes(100)
const DESTINATION = random.bytes(16)

function mixPacket(): MixPacket {
  return createMixPacket(hash, mixPath, DESTINATION, MESSAGE, random)
}

function unwrapAt(hop: number, packet: MixPacket): ReturnType<typeof unwrapMixPacket> {
  return unwrapMixPacket(hash, mixKeys[hop]?.exportPrivate() as Uint8Array, packet)
}

describe('a packet of sphinxmixcrypto', () => {
  it('goes over fewer hops than there is room for', () => {
    let packet = mixPacket()
    for (const hop of [0, 1]) {
      const unwrapped = unwrapAt(hop, packet)
      if (unwrapped.kind !== 'forward') throw new Error(unwrapped.kind)
      expect(unwrapped.next).toEqual(mixPath[hop + 1]?.id)
      packet = unwrapped.packet
    }
    expect(unwrapAt(2, packet)).toEqual({ kind: 'deliver', destination: DESTINATION, message: MESSAGE })
  })

  it('is dropped for a changed header, another key and a point of low order', () => {
    const packet = mixPacket()
    for (const part of ['alpha', 'beta', 'gamma'] as const) {
      const changed = packet[part].slice()
      changed[5] = (changed[5] as number) ^ 1
      expect(unwrapAt(0, { ...packet, [part]: changed })).toEqual({ kind: 'drop' })
    }
    expect(unwrapAt(1, packet)).toEqual({ kind: 'drop' })
    expect(unwrapAt(0, { ...packet, alpha: new Uint8Array(32) })).toEqual({ kind: 'drop' })
  })

  it('is dropped at its end when its payload was touched anywhere', () => {
    let packet = mixPacket()
    const changed = packet.delta.slice()
    changed[1023] = (changed[1023] as number) ^ 0x80
    packet = { ...packet, delta: changed }
    for (const hop of [0, 1]) {
      const unwrapped = unwrapAt(hop, packet)
      if (unwrapped.kind !== 'forward') throw new Error(unwrapped.kind)
      packet = unwrapped.packet
    }
    expect(unwrapAt(2, packet)).toEqual({ kind: 'drop' })
  })
})

describe('an onion of Lightning', () => {
  const keys = [random.bytes(32), random.bytes(32)]
  const hops = keys.map((key) => ({ publicKey: group.publicKey(key), payload: Uint8Array.of(3, 1, 2, 3) }))
  const onion = createOnion(group, random.bytes(32), hops, DATA)

  it('is refused at another length or version, with another key, other data, or a bit changed', () => {
    expect(openOnion(group, keys[0] as Uint8Array, onion, DATA)).toBeDefined()
    const changed = [0, 1, 20, 34, 700, ONION_BYTES - 1].map((at) => {
      const copy = onion.slice()
      copy[at] = (copy[at] as number) ^ 1
      return copy
    })
    for (const wrong of [...changed, onion.subarray(1), new Uint8Array(ONION_BYTES), new Uint8Array(0)])
      expect(openOnion(group, keys[0] as Uint8Array, wrong, DATA)).toBeUndefined()
    expect(openOnion(group, keys[1] as Uint8Array, onion, DATA)).toBeUndefined()
    expect(openOnion(group, keys[0] as Uint8Array, onion, new Uint8Array(32))).toBeUndefined()
  })

  it('is refused where its payload has a reserved length, or is longer than the onion', () => {
    for (const payload of [
      Uint8Array.of(0),
      Uint8Array.of(1, 9),
      Uint8Array.of(0xfd, 0x05, 0x14),
      Uint8Array.of(0xfe),
    ]) {
      const odd = createOnion(
        group,
        random.bytes(32),
        [{ publicKey: hops[0]?.publicKey as Uint8Array, payload }],
        DATA,
      )
      expect(openOnion(group, keys[0] as Uint8Array, odd, DATA)).toBeUndefined()
    }
  })

  it('has no failure that a stranger could make', () => {
    expect(openFailure([random.bytes(32), random.bytes(32)], random.bytes(292))).toBeUndefined()
    expect(openFailure([random.bytes(32)], new Uint8Array(0))).toBeUndefined()
  })
})

describe('records of Lightning', () => {
  it('are read in rising order and shortest form only, and never beyond their end', () => {
    expect(readRecords(Uint8Array.of(1, 1, 7, 2, 0))).toEqual(
      new Map([
        [1, Uint8Array.of(7)],
        [2, new Uint8Array(0)],
      ]),
    )
    for (const wrong of [
      [1],
      [1, 2, 7],
      [2, 0, 1, 0],
      [1, 0, 1, 0],
      [0xfd, 0, 1, 0],
      [0xfe, 0, 0, 0, 1, 0],
      [1, 0xfd, 1],
    ])
      expect(readRecords(Uint8Array.from(wrong))).toBeUndefined()
    expect(readBigSize(Uint8Array.of(0xfd, 0x01, 0x02), 0)).toEqual({ value: 258, bytes: 3 })
  })
})
