import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/lib/core/index.ts'
import { x25519 } from '../../../src/lib/crypto/index.ts'
import { openMessage, sealMessage } from '../../../src/lib/mix/client/index.ts'

const PRIVATE = new Uint8Array(32).fill(7)
const MAILBOX = new Uint8Array(32).fill(1)
const TO = { mailbox: MAILBOX, sealKey: x25519.fromPrivate(PRIVATE).publicKey }
const MESSAGE = { name: 'größe.txt', content: utf8('content') }

describe('a message', () => {
  it('is read by the owner of the mailbox', async () => {
    expect(await openMessage(await sealMessage(MESSAGE, TO), MAILBOX, PRIVATE)).toEqual(MESSAGE)
    const empty = { name: '', content: new Uint8Array() }
    expect(await openMessage(await sealMessage(empty, TO), MAILBOX, PRIVATE)).toEqual(empty)
  })

  it('is different each time, and shows nothing', async () => {
    const [one, other] = await Promise.all([sealMessage(MESSAGE, TO), sealMessage(MESSAGE, TO)])
    expect(one).not.toEqual(other)
    expect(Buffer.from(one).includes('content')).toBe(false)
  })

  it('is nothing to others, in another mailbox, or with a bit changed', async () => {
    const sealed = await sealMessage(MESSAGE, TO)
    expect(await openMessage(sealed, MAILBOX, new Uint8Array(32).fill(8))).toBeUndefined()
    expect(await openMessage(sealed, new Uint8Array(32), PRIVATE)).toBeUndefined()
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.slice()
      changed[at] = (changed[at] as number) ^ 0x10
      expect(await openMessage(changed, MAILBOX, PRIVATE)).toBeUndefined()
      expect(await openMessage(sealed.subarray(0, at), MAILBOX, PRIVATE)).toBeUndefined()
    }
  })

  it('has a name of bounded length', async () => {
    await expect(sealMessage({ ...MESSAGE, name: 'n'.repeat(256) }, TO)).rejects.toMatchObject({
      code: 'E_TOO_LARGE',
    })
  })
})
