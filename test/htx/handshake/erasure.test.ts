import { beforeEach, describe, expect, it, vi } from 'vitest'
import { isAllZero, toHex } from '../../../src/lib/core/index.ts'
import { ALL_SUITES, bodyOf, flipBit, Sides } from './sides.ts'

/** What went into the key schedule and what its derivations gave out: the very arrays, not copies. */
const seen = vi.hoisted(() => ({
  splits: [] as { readonly k1: Uint8Array; readonly k2: Uint8Array }[],
  inputs: [] as Uint8Array[],
  outputs: [] as Uint8Array[],
}))

vi.mock('../../../src/lib/crypto/index.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../src/lib/crypto/index.ts')>()
  return {
    ...original,
    hkdf: (ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) => {
      const output = original.hkdf(ikm, salt, info, length)
      seen.inputs.push(ikm)
      seen.outputs.push(output)
      return output
    },
  }
})

vi.mock('../../../src/lib/htx/keys/schedule.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../../src/lib/htx/keys/schedule.ts')>()
  return {
    ...original,
    deriveSessionSecrets: (...given: Parameters<typeof original.deriveSessionSecrets>) => {
      const [, noise] = given
      if (isAllZero(noise.k1) || isAllZero(noise.k2)) throw new Error('the split gave no keys')
      seen.splits.push(noise)
      return original.deriveSessionSecrets(...given)
    },
  }
})

const EKM = Uint8Array.from({ length: 64 }, (_, index) => index + 1)

beforeEach(() => {
  for (const list of [seen.splits, seen.inputs, seen.outputs]) list.length = 0
})

describe.each(ALL_SUITES)('after a handshake of suite %i', (suite) => {
  it('k1, k2 and K0 are gone, and only what the session needs is left', () => {
    const { client, server } = new Sides({ suite }).run()
    expect(seen.splits.length).toBe(2)
    expect(seen.splits.flatMap(({ k1, k2 }) => [k1, k2]).every(isAllZero)).toBe(true)
    // k1 ‖ k2 is the only input of 64 bytes to the derivations of section 4.2, and K0 their only output of 64.
    const joined = seen.inputs.filter((input) => input.length === 64)
    const k0 = seen.outputs.filter((output) => output.length === 64)
    expect([joined.length, k0.length]).toEqual([6, 2])
    expect([...joined, ...k0].every(isAllZero)).toBe(true)

    const needed = [client, server].flatMap(({ secrets }) => [
      secrets.directions.send.key,
      secrets.directions.send.nonceSalt,
      secrets.directions.receive.key,
      secrets.directions.receive.nonceSalt,
      secrets.resumption.expose() as Uint8Array,
      secrets.exporter.expose(),
    ])
    const left = seen.outputs.filter((output) => !isAllZero(output)).map(toHex)
    expect(left.sort()).toEqual(needed.map(toHex).sort())
  })

  it('the exporter value of the outer TLS is gone', () => {
    const sides = new Sides({ suite, initiator: { ekm: EKM }, responder: { ekm: EKM } })
    sides.run()
    expect(sides.ekms.map((ekm) => isAllZero(ekm as Uint8Array))).toEqual([true, true])
  })

  it('R and X are gone once they are erased', () => {
    const { resumption, exporter } = new Sides({ suite }).run().client.secrets
    const held = [resumption.expose() as Uint8Array, exporter.expose()].map(toHex)
    const arrays = held.map((hex) => seen.outputs.find((output) => toHex(output) === hex) as Uint8Array)
    resumption.erase()
    exporter.erase()
    expect(arrays.every(isAllZero)).toBe(true)
    expect(resumption.expose()).toBeUndefined()
    expect(() => resumption.pskFor(new Uint8Array(16))).toThrow()
  })
})

describe.each(ALL_SUITES)('after a failed handshake of suite %i', (suite) => {
  it('the exporter value is gone on both sides', () => {
    const sides = new Sides({ suite, initiator: { ekm: EKM }, responder: { ekm: EKM } })
    sides.accepts(bodyOf(sides.initiator.start()))
    const message2 = bodyOf(sides.responder.reply().message2)
    expect(() => sides.initiator.readMessage2(flipBit(message2, 1))).toThrow()
    sides.initiator.erase()
    sides.responder.erase()
    expect(sides.ekms.map((ekm) => isAllZero(ekm as Uint8Array))).toEqual([true, true])
  })
})
