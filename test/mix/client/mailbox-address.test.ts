import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatMailboxAddress, parseMailboxAddress } from '../../../src/lib/mix/client/index.ts'

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('the address of a mailbox', () => {
  it('is read back from its text', () => {
    fc.assert(
      fc.property(bytes32, bytes32, bytes32, (provider, mailbox, sealKey) => {
        const address = { provider, mailbox, sealKey }
        expect(parseMailboxAddress(formatMailboxAddress(address))).toEqual(address)
      }),
    )
  })

  it('has one spelling', () => {
    const zeros = new Uint8Array(32)
    const text = formatMailboxAddress({ provider: zeros, mailbox: zeros, sealKey: zeros })
    // 32 bytes of zero are 52 letters a (RFC 4648).
    const a = 'a'.repeat(52)
    expect(text).toBe(`mix://${a}/${a}?x=${a}`)
    for (const other of [
      text.toUpperCase(),
      `${text}a`,
      text.slice(0, -1),
      text.replace(/a$/, 'b'),
      text.replace('?x=', '?y='),
      ` ${text}`,
      `${text}\n`,
      '',
    ])
      expect(() => parseMailboxAddress(other)).toThrow(expect.objectContaining({ code: 'E_ADDRESS' }))
  })
})
