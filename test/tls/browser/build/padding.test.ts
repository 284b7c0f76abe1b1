/** Padding by the rule of BoringSSL (RFC 7685 section 4): hellos of 256 to 511 bytes get at least five more. */
import { describe, expect, it } from 'vitest'
import { templateById } from '../../../../src/lib/tls/index.ts'
import { generated } from './generated.ts'
import { type ReferenceHello, readRecord } from './reference-reader.ts'

const PADDING_HEADER = 4

/** A host name of so many bytes. */
function hostOf(length: number): string {
  return 'abcdefghi.'
    .repeat(30)
    .slice(0, length - 1)
    .concat('z')
}

function padded(hello: ReferenceHello): Buffer | undefined {
  return hello.extensions.find(({ type }) => type === 0x0015)?.body
}

describe('padding', () => {
  it('fills a hello up to 512 bytes, and one that is a few bytes short by one byte of zeros', () => {
    const lengths = new Set<number>()
    for (let length = 3; length <= 250; length++) {
      const [hello] = generated(templateById('chrome-110'), { host: hostOf(length), count: 1 }) as [
        ReferenceHello,
      ]
      const padding = padded(hello)
      const unpadded = hello.recordLength - (padding === undefined ? 0 : PADDING_HEADER + padding.length)
      const missing = 512 - unpadded
      lengths.add(missing)
      if (missing <= 0) expect(padding).toBeUndefined()
      else expect(padding?.length).toBe(Math.max(1, missing - PADDING_HEADER))
      expect(padding?.every((byte) => byte === 0) ?? true).toBe(true)
      if (padding !== undefined) expect(hello.extensions.at(-1)?.type).toBe(0x0015)
    }
    // The edges were among them.
    expect([...lengths]).toEqual(expect.arrayContaining([-1, 0, 1, 4, 5, 6]))
  })

  it('is not there where a hybrid share alone is longer, with the template of that trial as with later ones', () => {
    for (const id of ['chrome-115-kyber', 'chrome-124', 'chrome-154'])
      for (const hello of generated(templateById(id), { count: 20 })) expect(padded(hello)).toBeUndefined()
  })
})

describe('the reference reader', () => {
  it('refuses what RFC 8446 does not allow', () => {
    const [hello] = generated(templateById('chrome-110'), { count: 1 })
    expect(hello?.recordLength).toBe(512)
    expect(() => readRecord(Uint8Array.of(22, 3, 1, 0, 4, 1, 0, 0, 1))).toThrow()
    expect(() => readRecord(Uint8Array.of(23, 3, 1, 0, 0))).toThrow('no handshake record')
  })
})
