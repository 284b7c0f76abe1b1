import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SuiteResult, VectorSuite } from '../../../src/lib/core/index.ts'
import { bolt04Suite, sphinxmixcryptoSuite } from '../../../src/lib/sphinx/variants/vectors/index.ts'
import { conformancePath } from '../../support/conformance.ts'

const FOLDER = conformancePath('mix')

function read(file: string): unknown {
  return JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8'))
}

async function replay(suite: VectorSuite, document: unknown): Promise<SuiteResult> {
  return await suite.run({ path: 'vectors.json', content: JSON.stringify(document) })
}

/** Checks for each file, counted by hand: hops to blind, onions to create, nodes that open them. */
const COVERED: readonly [file: string, suite: VectorSuite, checks: number][] = [
  // create, open
  ['bolt04/onion-test.json', bolt04Suite, 2],
  ['bolt04/onion-error-test.json', bolt04Suite, 1],
  // 4 hops blinded, 4 unblinded
  ['bolt04/route-blinding-test.json', bolt04Suite, 8],
  // create, 5 nodes
  ['bolt04/blinded-payment-onion-test.json', bolt04Suite, 6],
  // 4 hops blinded, create, 4 nodes
  ['bolt04/blinded-onion-message-onion-test.json', bolt04Suite, 9],
  // 5 public keys, 2 primitives, the forward packet
  ['sphinxmixcrypto/sphinxmixcrypto_vectors.json', sphinxmixcryptoSuite, 8],
]

/** Of one file, so that the test stays short. */
const MOST_CHANGES = 10

type Path = readonly (string | number)[]

function hexFields(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'string') return /^(?:[0-9a-f]{2})+$/.test(value) ? [path] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => hexFields(inner, [...path, key]))
}

/** A copy whose field at `path` has one bit flipped, in its middle, where no format has a length. */
function flipped(document: unknown, path: Path): unknown {
  const [head, ...rest] = path
  if (head === undefined) {
    const hex = document as string
    const at = hex.length >> 1
    return hex.slice(0, at) + (Number.parseInt(hex[at] as string, 16) ^ 1).toString(16) + hex.slice(at + 1)
  }
  const copy: unknown = structuredClone(document)
  Reflect.set(copy as object, head, flipped(Reflect.get(copy as object, head), rest))
  return copy
}

/**
 * Fields that stand in the files for people, or a second time: no implementation computes with them. And ids of hops that
 * the packet has behind it when it reaches the last one, where its bytes are published.
 */
const UNREAD =
  /\.(?:tlvs|blinded_payinfo|failure_message|HMAC256.*|H\(E|first_node_id|first_path_key|next_node_id|version)|generate\.blinded_route|alias|nodes_in_route_order\.[0-3]\.id/

describe.skipIf(FOLDER === undefined)('other formats with the construction of Sphinx', () => {
  it.each(COVERED)('%s is replayed wholly', async (file, suite, checks) => {
    const result = await replay(suite, read(file))
    expect(result.failures).toEqual([])
    expect(result.skips).toEqual([])
    expect(result.passed).toBe(checks)
  })

  it.each(COVERED)('%s fails with any of its values changed by a bit', async (file, suite) => {
    const document = read(file)
    const fields = hexFields(document).filter((path) => !UNREAD.test(`.${path.join('.')}`))
    expect(fields.length).toBeGreaterThan(5)
    // Each takes a replay of the whole file.
    const stride = Math.ceil(fields.length / MOST_CHANGES)
    const missed: string[] = []
    for (const path of fields.filter((_, i) => i % stride === 0)) {
      const { failed } = await replay(suite, flipped(document, path))
      if (failed === 0) missed.push(path.join('.'))
    }
    expect(missed).toEqual([])
  })
})

describe('a file that holds no such vectors', () => {
  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['no object', 'null'],
    ['fields of another kind', '{"errorpacket":1,"generate":{"hops":"x"}}'],
    ['names of the prototype', '{"__proto__":{"onion":"00"},"constructor":1}'],
    ['hex that is none', '{"onion":"0g","generate":{"hops":[],"session_key":"00","associated_data":""}}'],
  ])('is one failure: %s', async (_, content) => {
    for (const suite of [bolt04Suite, sphinxmixcryptoSuite]) {
      const { passed, failed } = await suite.run({ path: 'x.json', content })
      expect([passed, failed]).toEqual([0, 1])
    }
  })
})
