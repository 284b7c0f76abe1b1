import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/lib/core/index.ts'
import { x25519 } from '../../../src/lib/crypto/index.ts'
import { parseEchConfigList } from '../../../src/lib/tls/ech/ech-config.ts'
import { type OpenedHello, openHello } from '../../../src/lib/tls/ech/open-hello.ts'
import { parseClientHello, serverName, supportedVersions } from '../../../src/lib/tls/index.ts'
import { type CapturedEch, capturedEch } from '../../support/ech-material.ts'

const CAPTURED = capturedEch()
const HEADERS_BYTES = 9

async function open(
  number: number,
  change = (body: Uint8Array): Uint8Array => body,
): Promise<OpenedHello | undefined> {
  const { hellos, privateKey, list } = CAPTURED as CapturedEch
  const body = change((hellos[number] as { record: Uint8Array }).record.slice(HEADERS_BYTES))
  return await openHello(body, privateKey, parseEchConfigList(list))
}

const name = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('latin1')

describe.skipIf(CAPTURED === undefined)('a hello of Chromium with ECH', () => {
  it.each([0, 1, 2])('opens to what Chromium encrypted: %i', async (number) => {
    const opened = await open(number)
    expect(toHex(opened?.encoded as Uint8Array)).toBe(
      toHex((CAPTURED as CapturedEch).hellos[number]?.inner as Uint8Array),
    )
    const { inner, outer } = opened as OpenedHello
    expect(name(serverName(inner))).toBe('example.test')
    expect(name(serverName(outer.hello))).toBe('public.example')
    expect(inner.sessionId).toEqual(outer.hello.sessionId)
    expect(inner.cipherSuites.slice(1)).toEqual([0x1301, 0x1302, 0x1303])
    expect(supportedVersions(inner)?.slice(1)).toEqual([0x0304])
  })

  it('has in the opened hello what it has outside, in the same order', async () => {
    for (const number of [0, 1, 2]) {
      const { inner, outer } = (await open(number)) as OpenedHello
      const own = new Set([0x0000, 0x002b, 0xfe0d])
      const shared = (inner.extensions ?? []).filter(({ type }) => !own.has(type))
      expect(shared.length).toBe(12)
      const types = new Set(shared.map(({ type }) => type))
      expect(shared).toEqual((outer.hello.extensions ?? []).filter(({ type }) => types.has(type)))
    }
  })

  it('does not open when one byte of it is another one', async () => {
    const { hellos } = CAPTURED as CapturedEch
    const length = (hellos[0] as { record: Uint8Array }).record.length - HEADERS_BYTES
    const outcomes = new Set<string>()
    for (let at = 2; at < length; at += 17) {
      const changed = async (): Promise<unknown> =>
        await open(0, (body) => {
          body[at] = (body[at] as number) ^ 0x01
          return body
        })
      outcomes.add(
        await changed().then(
          (opened) => (opened === undefined ? 'nothing' : 'opened'),
          (error: unknown) => (error as { readonly code: string }).code,
        ),
      )
    }
    expect([...outcomes].toSorted()).not.toContain('opened')
    expect(outcomes).toContain('nothing')
  })

  it('does not open with another key, or for another configuration', async () => {
    const { hellos, privateKey, list } = CAPTURED as CapturedEch
    const body = (hellos[0] as { record: Uint8Array }).record.subarray(HEADERS_BYTES)
    const configs = parseEchConfigList(list)
    expect(await openHello(body, x25519.generate().exportPrivate(), configs)).toBeUndefined()
    const other = list.slice()
    other[6] = (other[6] as number) ^ 1
    expect(await openHello(body, privateKey, parseEchConfigList(other))).toBeUndefined()
  })

  it('is refused without ECH, or with that of an inner hello', async () => {
    const { inner } = (await open(0)) as OpenedHello
    const { encodeClientHello } = await import('../../../src/lib/tls/index.ts')
    const { privateKey, list } = CAPTURED as CapturedEch
    const configs = parseEchConfigList(list)
    const without = { ...inner, extensions: (inner.extensions ?? []).filter(({ type }) => type !== 0xfe0d) }
    for (const hello of [inner, without]) {
      const body = encodeClientHello(hello)
      expect(parseClientHello(body)).toEqual(hello)
      await expect(openHello(body, privateKey, configs)).rejects.toMatchObject({ code: 'E_MALFORMED' })
    }
  })
})
