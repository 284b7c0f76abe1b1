import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeCbor, equal, SeededRandom, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { ed25519 } from '../../../src/lib/crypto/index.ts'
import {
  descriptorJson,
  directoryHash,
  directoryJson,
  encodeDescriptor,
  encodeDirectory,
  isGenuineDescriptor,
  type MixDirectory,
  nodeIdOf,
  parseDescriptor,
  parseDirectory,
  signDirectory,
} from '../../../src/lib/mix/index.ts'
import { paperNetwork, paperNode } from '../../support/mix-directory.ts'

const malformed = expect.objectContaining({ name: 'AivError', code: 'E_MALFORMED' })
const { directory: unsigned } = paperNetwork(5, (i) =>
  i === 0
    ? {
        family: 'north',
        as: 64_512,
        country: 'is',
        role: 'provider',
        delay: { mode: 'hybrid', meanUs: 20_000 },
      }
    : { weight: i },
)
const authority = ed25519.fromSeed(new Uint8Array(32).fill(5))
const directory = signDirectory(unsigned, authority)

/** JSON of the directory with a change. */
function changed(change: (json: Record<string, unknown>, node: Record<string, unknown>) => void): Uint8Array {
  const json = JSON.parse(directoryJson(directory)) as Record<string, unknown>
  change(json, (json.nodes as Record<string, unknown>[])[1] as Record<string, unknown>)
  return utf8(JSON.stringify(json))
}

describe('a directory', () => {
  it('comes back from CBOR and from JSON as it was', () => {
    expect(parseDirectory(encodeDirectory(directory))).toEqual(directory)
    expect(parseDirectory(utf8(directoryJson(directory)))).toEqual(directory)
    expect(encodeDirectory(parseDirectory(utf8(directoryJson(directory))))).toEqual(
      encodeDirectory(directory),
    )
  })

  it('has a name that changes with anything in it but its signatures', () => {
    const named = (change: Partial<MixDirectory>): string => toHex(directoryHash({ ...directory, ...change }))
    const names = new Set([
      named({}),
      named({ epoch: directory.epoch + 1 }),
      named({ validUntil: directory.validUntil + 1 }),
      named({ sharedRandom: new Uint8Array(32) }),
      named({ topology: { layers: 4, active: 0 } }),
      named({ parameters: { ...directory.parameters, dropUs: 1 } }),
      named({ nodes: directory.nodes.slice(1) }),
      named({
        nodes: directory.nodes.map((node, i) => (i === 2 ? { ...node, layer: 1 - (node.layer ?? 0) } : node)),
      }),
    ])
    expect(names.size).toBe(8)
    expect(named({ signatures: [] })).toBe(named({}))
  })

  it.each<[string, (json: Record<string, unknown>, node: Record<string, unknown>) => void]>([
    ['an unknown field', (json) => Object.assign(json, { more: 1 })],
    ['an unknown field of a node', (_, node) => Object.assign(node, { more: 1 })],
    ['another version', (json) => Object.assign(json, { version: 2 })],
    ['no nodes', (json) => delete json.nodes],
    ['nodes out of order', (json) => (json.nodes as unknown[]).reverse()],
    [
      'a node twice',
      (json) => Object.assign(json, { nodes: [(json.nodes as unknown[])[0], ...(json.nodes as unknown[])] }),
    ],
    ['an epoch length of zero', (json) => Object.assign(json, { epoch_length_s: 0 })],
    ['an end before its beginning', (json) => Object.assign(json, { valid_until: 1 })],
    [
      'a life of two years',
      (json) => Object.assign(json, { valid_until: Number(json.valid_from) + 2 * 366 * 86_400 }),
    ],
    ['a mean delay of zero', (json) => Object.assign(json.parameters as object, { hop_delay_us: 0 })],
    ['a fraction', (json) => Object.assign(json.parameters as object, { drop_us: 0.5 })],
    ['more hops than a packet holds', (json) => Object.assign(json.geometry as object, { hops: 200 })],
    ['no layers', (json) => Object.assign(json.topology as object, { layers: 0 })],
    ['a layer that is not there', (_, node) => Object.assign(node, { layer: 3 })],
    ['a weight of zero', (_, node) => Object.assign(node, { weight: 0 })],
    ['a weight beyond 32 bits', (_, node) => Object.assign(node, { weight: 2 ** 32 })],
    ['a role that is none', (_, node) => Object.assign(node, { role: 'exit' })],
    ['a short key', (_, node) => Object.assign(node, { vrf_key: 'ab' })],
    ['a key in capitals', (_, node) => Object.assign(node, { vrf_key: 'AB'.repeat(32) })],
    ['no mix key', (_, node) => Object.assign(node, { mix_keys: [] })],
    [
      'mix keys in disorder',
      (_, node) =>
        Object.assign(node, { mix_keys: [...(node.mix_keys as unknown[]), ...(node.mix_keys as unknown[])] }),
    ],
    ['an address that is no URI', (_, node) => Object.assign(node, { addresses: ['127.0.0.1:1'] })],
    [
      'an address with a control character',
      (_, node) => Object.assign(node, { addresses: ['tcp://a\u001b[2J'] }),
    ],
    [
      'an address that never ends',
      (_, node) => Object.assign(node, { addresses: [`tcp://${'a'.repeat(600)}`] }),
    ],
    ['nine addresses', (_, node) => Object.assign(node, { addresses: Array(9).fill('tcp://a:1') })],
    ['a family with a line break', (_, node) => Object.assign(node, { family: 'a\nb' })],
    ['a country of three letters', (_, node) => Object.assign(node, { country: 'isl' })],
    [
      '65 signatures',
      (json) => Object.assign(json, { signatures: Array(65).fill((json.signatures as unknown[])[0]) }),
    ],
  ])('is refused with %s', (_, change) => {
    expect(() => parseDirectory(changed(change))).toThrow(malformed)
  })

  it('is refused as bytes that are neither form, or too many', () => {
    for (const content of ['', '{', 'null', '[]', '"x"', '\u0000'])
      expect(() => parseDirectory(utf8(content))).toThrow(malformed)
    expect(() => parseDirectory(encodeCbor([]))).toThrow(malformed)
    expect(() => parseDirectory(new Uint8Array(33 * 2 ** 20))).toThrow(
      expect.objectContaining({ code: 'E_TOO_LARGE' }),
    )
  })

  it('never reads anything but itself from altered bytes, and throws only what it says', () => {
    const bytes = encodeDirectory(directory)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const altered = bytes.slice()
        altered[at] = (altered[at] as number) ^ flip
        try {
          // What is read from bytes is written as the same bytes: there is one encoding.
          expect(equal(encodeDirectory(parseDirectory(altered)), altered)).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ name: 'AivError' })
        }
      }),
      { numRuns: 400, seed: 7 },
    )
  })
})

describe('a descriptor', () => {
  const random = new SeededRandom(3)
  const { descriptor } = paperNode(random, { family: 'north', weight: 70 })

  it('names its node by BLAKE2b-256 of the identity key', () => {
    // b2sum -l 256 of 32 zero bytes
    expect(toHex(nodeIdOf(new Uint8Array(32)))).toBe(
      '89eb0d6a8a691dae2cd15ed0369931ce0a949ecafa5c3f93f8121833646e15c3',
    )
    expect(descriptor.id).toEqual(nodeIdOf(descriptor.identityKey))
  })

  it('comes back from CBOR and from JSON, genuine', () => {
    for (const content of [encodeDescriptor(descriptor), utf8(descriptorJson(descriptor))]) {
      expect(parseDescriptor(content)).toEqual(descriptor)
      expect(isGenuineDescriptor(parseDescriptor(content))).toBe(true)
    }
  })

  it('is not genuine with any field changed', () => {
    const other = paperNode(random).descriptor
    for (const change of [
      { weight: 71 },
      { family: 'south' },
      { family: undefined },
      { as: 1 },
      { country: 'no' },
      { role: 'both' as const },
      { addresses: ['tcp://127.0.0.1:1'] },
      { delay: { mode: 'vrf' as const, meanUs: 33_000 } },
      { validUntil: descriptor.validUntil + 1 },
      { vrfKey: other.vrfKey },
      { mixKeys: other.mixKeys },
      { identityKey: other.identityKey },
      { signature: other.signature },
    ])
      expect([change, isGenuineDescriptor({ ...descriptor, ...change })]).toEqual([change, false])
  })

  it('is not signed when no reader would take it', () => {
    for (const change of [{ weight: 0 }, { addresses: [] }, { country: 'IS' }, { validUntil: 0 }])
      expect(() => paperNode(random, change)).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
  })
})
