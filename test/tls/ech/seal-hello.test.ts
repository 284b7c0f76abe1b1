import { Aes128Gcm, CipherSuite, HkdfSha256 } from '@hpke/core'
import { DhkemX25519HkdfSha256 } from '@hpke/dhkem-x25519'
import { describe, expect, it } from 'vitest'
import { concat, SeededRandom, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { type ChosenConfig, chooseEchConfig } from '../../../src/lib/tls/ech/choose-config.ts'
import { parseEchConfigList } from '../../../src/lib/tls/ech/ech-config.ts'
import { parseEchKeyFile } from '../../../src/lib/tls/ech/key-file.ts'
import { newEchKey } from '../../../src/lib/tls/ech/new-key.ts'
import { type OpenedHello, openHello, openSecondHello } from '../../../src/lib/tls/ech/open-hello.ts'
import {
  type SealedHello,
  sealHello,
  sealSecondHello,
  setUpEch,
} from '../../../src/lib/tls/ech/seal-hello.ts'
import { keyShares } from '../../../src/lib/tls/hello/extensions.ts'
import {
  type ClientHello,
  encodeClientHello,
  HelloBuilder,
  ja4,
  matchHello,
  parseClientHello,
  serverName,
  templateById,
} from '../../../src/lib/tls/index.ts'
import { capturedEch } from '../../support/ech-material.ts'

const MADE = newEchKey('public.example', 64)
const { privateKey, configs } = parseEchKeyFile(MADE.file) as ReturnType<typeof parseEchKeyFile> & {
  readonly privateKey: Uint8Array
}
const CHOSEN = chooseEchConfig(configs) as ChosenConfig
const HEADERS_BYTES = 9
const CAPTURED = capturedEch()

async function seal(host: string, template = 'chrome-154', random?: SeededRandom): Promise<SealedHello> {
  return sealHello(new HelloBuilder(templateById(template), random), await setUpEch(CHOSEN, random), { host })
}

const bodyOf = ({ outer }: SealedHello): Uint8Array => outer.record.subarray(HEADERS_BYTES)
const types = ({ extensions = [] }: ClientHello): readonly number[] => extensions.map(({ type }) => type)

/** Opens with the package itself and a reading by offsets: nothing of the code under test. */
async function openedElsewhere(record: Uint8Array): Promise<Uint8Array> {
  const body = record.slice(HEADERS_BYTES)
  const found = [
    ...Buffer.from(body)
      .toString('hex')
      .matchAll(/fe0d....0000010001/g),
  ].map(({ index }) => index / 2)
  const start = (found.at(-1) as number) + 4
  const enc = body.slice(start + 8, start + 40)
  const payloadAt = start + 42
  const length = ((body[start + 40] as number) << 8) | (body[start + 41] as number)
  const payload = body.slice(payloadAt, payloadAt + length)
  body.fill(0, payloadAt, payloadAt + length)
  const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes128Gcm(),
  })
  const context = await suite.createRecipientContext({
    recipientKey: await suite.kem.deserializePrivateKey(privateKey),
    enc,
    info: concat(utf8('tls ech\0'), MADE.list.subarray(2)),
  })
  return new Uint8Array(await context.open(payload, body))
}

describe('a sealed hello', () => {
  it('is opened by another path, and has the true name inside alone', async () => {
    const sealed = await seal('secret.example.com')
    const encoded = await openedElsewhere(sealed.outer.record)
    const opened = (await openHello(bodyOf(sealed), privateKey, configs)) as OpenedHello
    expect(toHex(opened.encoded)).toBe(toHex(encoded))
    expect(opened.inner).toEqual(sealed.inner)
    expect(Buffer.from(encoded).includes('secret.example.com')).toBe(true)
    expect(Buffer.from(sealed.outer.record).includes('secret')).toBe(false)
    expect(serverName(sealed.outer.hello)).toEqual(utf8('public.example'))
  })

  it('is the hello of that Chrome for its public name to all who look', async () => {
    for (const template of ['chrome-133', 'chrome-150', 'chrome-152', 'chrome-154']) {
      const { outer } = await seal('secret.example.com', template)
      const hello = parseClientHello(outer.record.subarray(HEADERS_BYTES))
      expect(hello).toEqual(outer.hello)
      expect(outer.record.subarray(5)).toEqual(outer.message)
      const plain = new HelloBuilder(templateById(template)).build({ host: 'public.example' })
      expect(ja4(hello, 'tcp')).toMatchObject({ ja4: ja4(plain.hello, 'tcp').ja4 })
      expect(matchHello(hello, 'tcp')).toMatchObject({ verdict: 'match', browser: 'chrome' })
    }
  })

  it('says the length of no name up to the longest', async () => {
    const lengths = ['a.b', 'secret.example.com', `${'x'.repeat(50)}.example`, '192.0.2.1'].map(
      async (host) => {
        const { outer } = await seal(host)
        return (outer.hello.extensions ?? []).find(({ type }) => type === 0xfe0d)?.body.length
      },
    )
    expect(new Set(await Promise.all(lengths)).size).toBe(1)
  })

  it.skipIf(CAPTURED === undefined)('is arranged as Chromium arranges its own', async () => {
    const { hellos, privateKey: key, list } = CAPTURED as NonNullable<typeof CAPTURED>
    for (const { record } of hellos) {
      const real = (await openHello(
        record.subarray(HEADERS_BYTES),
        key,
        parseEchConfigList(list),
      )) as OpenedHello
      const ours = await seal('example.test')
      const opened = (await openHello(bodyOf(ours), privateKey, configs)) as OpenedHello
      const shape = ({ encoded, inner, outer }: OpenedHello): unknown => {
        const order = types(outer.hello)
        const [own, shared] = [types(inner).slice(0, 3), types(inner).slice(3)]
        const places = (list: readonly number[]): readonly number[] => list.map((type) => order.indexOf(type))
        const isSorted = (list: readonly number[]): boolean =>
          list.every((place, index) => index === 0 || place > (list[index - 1] as number))
        return {
          bytes: encoded.length,
          own: own.toSorted(),
          shared: shared.slice(1, -1).toSorted(),
          ordered: [isSorted(places(own)), isSorted(places(shared))],
          grease: [shared[0] === order[0], shared.at(-1) === order.at(-1)],
          suites: inner.cipherSuites.slice(1),
          sameGrease: inner.cipherSuites[0] === outer.hello.cipherSuites[0],
          sameRandom: toHex(inner.random) === toHex(outer.hello.random),
        }
      }
      expect(shape(opened)).toEqual(shape(real))
    }
  })

  it('comes again from the same seed', async () => {
    const records = [1, 1, 2].map(async (number) =>
      toHex((await seal('a.example', 'chrome-154', new SeededRandom(number))).outer.record),
    )
    const [first, again, other] = await Promise.all(records)
    expect(first).toBe(again)
    expect(first).not.toBe(other)
  })

  it('is not written for a browser without ECH', async () => {
    await expect(seal('a.example', 'chrome-83')).rejects.toMatchObject({ code: 'E_UNSUPPORTED' })
  })
})

describe('the second hello after a HelloRetryRequest', () => {
  async function second(change = (ech: Uint8Array): Uint8Array => ech) {
    const builder = new HelloBuilder(templateById('chrome-154'))
    const setup = await setUpEch(CHOSEN)
    const host = 'secret.example.com'
    const sealed = sealHello(builder, setup, { host })
    const first = (await openHello(bodyOf(sealed), privateKey, configs)) as OpenedHello
    const again = sealSecondHello(builder, setup, sealed, { host, group: 0x17 })
    const { hello } = again.outer
    const extensions = (hello.extensions ?? []).map((each) =>
      each.type === 0xfe0d ? { type: 0xfe0d, body: change(each.body) } : each,
    )
    return { sealed, first, again, body: encodeClientHello({ ...hello, extensions }) }
  }

  it('is the next message of the same context, and has the new share on both sides', async () => {
    const { sealed, first, again, body } = await second()
    const opened = await openSecondHello(body, first)
    expect(opened?.inner).toEqual(again.inner)
    expect(opened?.inner.random).toEqual(first.inner.random)
    expect(keyShares(again.inner)?.map(({ group }) => group)).toEqual([0x17])
    expect(types(again.outer.hello)).toEqual(types(sealed.outer.hello))
    expect(again.outer.record.subarray(0, 3)).toEqual(Uint8Array.of(22, 3, 3))
    expect(await openSecondHello(body, first)).toBeUndefined()
  })

  it.each([
    ['configuration', 5],
    ['suite', 4],
    ['key derivation', 2],
  ])('is refused with another %s', async (_what, at) => {
    const { first, body } = await second((ech) => ech.map((byte, index) => (index === at ? byte ^ 2 : byte)))
    await expect(openSecondHello(body, first)).rejects.toMatchObject({ code: 'E_MALFORMED' })
  })

  it('is refused with a new key', async () => {
    const { first } = await second()
    await expect(openSecondHello(bodyOf(await seal('b.example')), first)).rejects.toMatchObject({
      code: 'E_MALFORMED',
    })
  })
})
