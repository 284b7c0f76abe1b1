import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SuiteResult } from '../../../src/lib/core/index.ts'
import { htxSuite } from '../../../src/lib/htx/vectors/index.ts'
import { conformancePath } from '../../support/conformance.ts'

const FOLDER = conformancePath('htx')

interface Document {
  readonly description?: string
  readonly vectors: Record<string, unknown>[]
}

function read(file: string): Document {
  return JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as Document
}

async function replay(document: unknown): Promise<SuiteResult> {
  return await htxSuite.run({ path: 'vectors.json', content: JSON.stringify(document) })
}

/** Vectors in each file, counted by hand, and what becomes of them. */
const COVERED: readonly [file: string, count: number][] = [
  ['sessions.json', 6],
  ['malformed.json', 87],
  ['peer-ids.json', 6],
  ['varint.json', 15],
  ['first-flight.json', 8],
  ['betanet-1.2.json', 5],
  ['tickets.json', 4],
]

describe.skipIf(FOLDER === undefined)('the htx vector suite', () => {
  it.each(COVERED)('passes %s, all of it', async (file, count) => {
    const document = read(file)
    expect(document.vectors.length).toBe(count)
    const result = await replay(document)
    expect(result.failures).toEqual([])
    expect(result.skips).toEqual([])
    expect(result.passed).toBe(count)
  })

  it('replays the same session in any order and by itself', async () => {
    const { vectors } = read('sessions.json')
    expect((await replay({ vectors: [...vectors].reverse() })).passed).toBe(vectors.length)
    for (const vector of vectors) expect((await replay({ vectors: [vector] })).passed).toBe(1)
  })
})

/** Every string of hex in a vector, by its path. */
function hexFields(
  value: unknown,
  path: readonly (string | number)[] = [],
): (readonly (string | number)[])[] {
  if (typeof value === 'string') return /^(?:[0-9a-f]{2})+$/.test(value) ? [path] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => hexFields(inner, [...path, key]))
}

/**
 * The vector with one hex digit of a field changed, in its first half: the second half of a KEM seed serves only to
 * reject forged ciphertexts.
 */
function mutated(vector: unknown, path: readonly (string | number)[]): unknown {
  const copy = structuredClone(vector) as Record<string | number, unknown>
  let holder = copy
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string | number, unknown>
  const last = path.at(-1) as string | number
  const hex = holder[last] as string
  const at = hex.length >> 2
  holder[last] = `${hex.slice(0, at)}${hex[at] === '0' ? '1' : '0'}${hex.slice(at + 1)}`
  return copy
}

describe.skipIf(FOLDER === undefined)('a vector with one changed digit', () => {
  it('fails, whichever field of a session it is', async () => {
    const survivors: string[] = []
    for (const vector of read('sessions.json').vectors) {
      // A resumption shows no certificate: the names of its sides go nowhere.
      const unused = (path: readonly (string | number)[]): boolean =>
        vector.resume !== undefined && path.at(-1) === 'ed25519_private'
      const paths = hexFields(vector).filter((path) => !unused(path))
      expect(paths.length).toBeGreaterThan(40)
      const changed = paths.map((path) => mutated(vector, path))
      const { skipped, failures } = await replay({
        vectors: changed.map((one, i) => ({ ...(one as object), id: `${i}` })),
      })
      expect(skipped).toBe(0)
      const failed = new Set(failures.map(({ id }) => Number(id)))
      for (const [index, path] of paths.entries())
        if (!failed.has(index)) survivors.push(`${vector.id}: ${path.join('.')}`)
    }

    expect(survivors).toEqual([])
  })

  it('fails when it is a prescribed outcome', async () => {
    const { vectors } = read('malformed.json')
    const wrong = vectors.map((vector) => ({
      ...vector,
      outcome: vector.outcome === 'accept' ? 'silence' : 'accept',
    }))
    const result = await replay({ vectors: wrong })
    expect(result.passed).toBe(0)
    expect(result.failed).toBe(vectors.length)
  })

  it('fails when it is a name or an id', async () => {
    for (const vector of read('peer-ids.json').vectors) {
      for (const path of hexFields(vector)) {
        const { failed } = await replay({ vectors: [mutated(vector, path)] })
        expect(failed, `${vector.id} ${path.join('.')}`).toBe(1)
      }
    }
  })

  it('fails when it is of the 1.2 draft, whichever field it is', async () => {
    for (const vector of read('betanet-1.2.json').vectors) {
      const paths = hexFields(vector)
      expect(paths.length).toBeGreaterThan(2)
      for (const path of paths) {
        const { passed } = await replay({ vectors: [mutated(vector, path)] })
        expect(passed, `${vector.id} ${path.join('.')}`).toBe(0)
      }
    }
  })

  it('fails when it is of an access ticket, whichever field it is', async () => {
    for (const vector of read('tickets.json').vectors) {
      const paths = hexFields(vector)
      expect(paths.length).toBeGreaterThan(10)
      const wrong = [
        ...paths.map((path) => mutated(vector, path)),
        { ...vector, hour: (vector.hour as number) + 1 },
        { ...vector, base64url: `${vector.base64url}=` },
      ]
      expect((await replay({ vectors: wrong })).passed, String(vector.id)).toBe(0)
    }
  })

  it('fails when it is a rule of a first flight', async () => {
    const { vectors } = read('first-flight.json')
    const rules = ['ex1', 'ex2', 'ex3', 'ex4', 'ex5', 'exempt']
    const wrong = vectors.flatMap((vector) => [
      ...rules.map((rule) => ({ ...vector, [rule]: vector[rule] !== true })),
      { ...vector, bits_per_byte: (vector.bits_per_byte as number) + 0.0001 },
    ])
    expect((await replay({ vectors: wrong })).passed).toBe(0)
  })

  it('fails when it is a number', async () => {
    const { vectors } = read('varint.json')
    const canonical = vectors.filter((vector) => vector.canonical === true)
    expect(canonical.length).toBeGreaterThan(5)
    const wrong = [
      ...canonical.map((vector) => ({ ...vector, value: String(BigInt(vector.value as string) + 1n) })),
      ...canonical.map((vector) => ({ ...vector, bytes: `${vector.bytes}00` })),
      ...vectors.map((vector) => ({ ...vector, canonical: vector.canonical !== true })),
    ]
    expect((await replay({ vectors: wrong })).passed).toBe(0)
  })
})

describe('a file that holds no vectors', () => {
  it('is one failure with a reason, never an exception', async () => {
    for (const content of [
      '',
      'null',
      '[]',
      '{}',
      '{"vectors":1}',
      '{"vectors":[1,null,[],"x"]}',
      '\u0000',
      '{"vectors":[{}]}',
    ]) {
      const result = await htxSuite.run({ path: 'x.json', content })
      expect(result.failed, content).toBeGreaterThan(0)
      expect(result.passed).toBe(0)
      for (const { reason } of result.failures) expect(reason.length).toBeGreaterThan(0)
    }
  })

  it('fails with a reason where fields have the wrong type', async () => {
    const forms = [
      { wire_client_to_server: 7 },
      { outcome: 'accept', kind: 'message-9' },
      { outcome: 'accept', kind: 'frame', direction: 'x' },
      { canonical: true, bytes: 'zz', value: '1' },
      { canonical: true, bytes: '01', value: 'one' },
      { peer_id: 5, kind: 'peer-id' },
      { session_id: '00', kind: 'other' },
    ]
    const result = await htxSuite.run({ path: 'x.json', content: JSON.stringify({ vectors: forms }) })
    expect(result.failed).toBe(forms.length)
  })
})
