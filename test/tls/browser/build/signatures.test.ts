/** Generated hellos against what three other projects have written down of real ones. */
import { describe, expect, it } from 'vitest'
import { templateById, templateOfVersion } from '../../../../src/lib/tls/index.ts'
import { generated } from './generated.ts'
import { curlSignatures, parroteerSignature, type Signature, utlsSignatures } from './published-signatures.ts'
import {
  bodyOf,
  Cursor,
  isGreaseValue,
  numberList,
  type ReferenceHello,
  sharesOf,
} from './reference-reader.ts'

/** Their example.com and the like are as long. */
const HOST = 'example.com'
const ALPS_TYPES = [0x4469, 0x44cd]

const code = (value: number): string =>
  isGreaseValue(value) ? 'GREASE' : value.toString(16).padStart(4, '0')

function protocols(body: Buffer): readonly string[] {
  const cursor = new Cursor(body)
  const list = new Cursor(cursor.vector(2))
  const names: string[] = []
  while (!list.isAtEnd) names.push(list.vector(1).toString())
  return names
}

/** What `hello` says, in the terms of `signature`; padding and a ticket, which other conditions decide, left out. */
function described(
  hello: ReferenceHello,
  { shares, settings, extensions }: Signature,
): Omit<Signature, 'name'> {
  const withLength = new Set(extensions.filter(({ length }) => length !== undefined).map(({ type }) => type))
  const alps = hello.extensions.find(({ type }) => ALPS_TYPES.includes(type))
  return {
    cipherSuites: hello.cipherSuites.map(code),
    extensions: hello.extensions.map(({ type, body }) => ({
      type: code(type),
      ...(withLength.has(code(type)) ? { length: body.length } : {}),
    })),
    groups: numberList(hello, 0x000a, 2).map(code),
    shares: sharesOf(hello).map(({ group, key }) =>
      shares.some((share) => share.includes(':')) ? `${code(group)}:${key.length}` : code(group),
    ),
    signatures: numberList(hello, 0x000d, 2).map(code),
    versions: numberList(hello, 0x002b, 1).map(code),
    protocols: protocols(bodyOf(hello, 0x0010)),
    ...(settings === undefined ? {} : { settings: protocols(alps?.body ?? Buffer.alloc(2)) }),
  }
}

function comparable(signature: Omit<Signature, 'name' | 'isShuffled'>, isShuffled: boolean): unknown {
  const extensions = signature.extensions.filter(({ type }) => type !== '0015' && type !== '0029')
  const text = extensions.map(({ type, length }) => `${type}:${length ?? ''}`)
  const [first, last] = [text[0], text.at(-1)]
  return { ...signature, extensions: isShuffled ? [first, ...text.slice(1, -1).toSorted(), last] : text }
}

function expectLike(signature: Signature, id: string, isShuffled: boolean): void {
  const { name: _name, isShuffled: _shuffled, ...rest } = signature
  for (const hello of generated(templateById(id), { host: HOST, count: 20 }))
    expect(comparable(described(hello, signature), isShuffled)).toEqual(comparable(rest, isShuffled))
}

const curl = curlSignatures()

/** A phone of 2024 had no hybrid key agreement: that is no template of ours. */
const WITHOUT_HYBRID = 'chrome_131.0.6778.81_android.yaml'
/** ECH reached the users of 118 one after the other; this one was without it. */
const WITHOUT_ECH = 'chrome_118.0.5993.117_linux.yaml'

describe.each(curl.filter(({ name }) => name !== WITHOUT_HYBRID))('curl-impersonate $name', (signature) => {
  const major = /_(\d+)\./.exec(signature.name)?.[1] as string
  const id = signature.name === WITHOUT_ECH ? 'chrome-110' : templateOfVersion('chrome', major).id
  const isShuffled = signature.isShuffled === true

  it(`is a hello of ${id}`, () => {
    expect(templateById(id).extensionOrder).toBe(isShuffled ? 'shuffled' : 'fixed')
    expectLike(signature, id, isShuffled)
  })

  it('has padding only where the template would pad', () => {
    const isPadded = signature.extensions.some(({ type }) => type === '0015')
    const pads = templateById(id).extensions.some(({ content }) => content.kind === 'padding')
    if (isPadded) expect(pads).toBe(true)
    if (isPadded) expect(signature.extensions.at(-1)?.type).toBe('0015')
    if (!isPadded && Number(major) < 118) expect(pads).toBe(false)
  })
})

describe.runIf(curl.length > 0)('signatures', () => {
  it('of both browsers, of a phone and without ECH were found', () => {
    expect(curl.length).toBeGreaterThanOrEqual(18)
    expect(curl.map(({ name }) => name)).toEqual(expect.arrayContaining([WITHOUT_HYBRID, WITHOUT_ECH]))
  })

  it('of one version are not those of another template', () => {
    const signature = curl.find(({ name }) => name.startsWith('chrome_150')) as Signature
    expectLike(signature, 'chrome-150', true)
    for (const id of ['chrome-133', 'chrome-152', 'chrome-131'])
      expect(() => expectLike(signature, id, true)).toThrow()
  })

  it('of a phone without hybrid key agreement differ in nothing else', () => {
    const signature = curl.find(({ name }) => name === WITHOUT_HYBRID) as Signature
    const hybrid: Signature = {
      ...signature,
      groups: signature.groups.toSpliced(1, 0, '11ec'),
      shares: signature.shares.toSpliced(1, 0, '11ec:1216'),
      extensions: signature.extensions.map(({ type, length }) => ({
        type,
        ...(length === undefined ? {} : { length: length + ({ '000a': 2, '0033': 1220 }[type] ?? 0) }),
      })),
    }
    expectLike(hybrid, 'chrome-131', true)
  })

  it.each(utlsSignatures())('of uTLS for $name are those of chrome-98', (signature) => {
    expectLike(signature, 'chrome-98', false)
  })

  it('of parroteer, from the Chrome of April 2026, are those of chrome-133', () => {
    const signature = parroteerSignature() as Signature
    expectLike(signature, 'chrome-133', true)
    expect(() => expectLike(signature, 'chrome-150', true)).toThrow()
  })
})
