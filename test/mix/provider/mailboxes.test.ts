import { describe, expect, it } from 'vitest'
import { ManualClock, utf8 } from '../../../src/lib/core/index.ts'
import {
  MAILBOX_LIMITS,
  MAILBOX_SCHEMA,
  Mailboxes,
  type MailboxLimits,
  nameOfBody,
} from '../../../src/lib/mix/provider/index.ts'
import { MemoryVolume, openMemoryStore } from '../../../src/lib/storage/index.ts'

const ANNE = new Uint8Array(32).fill(1)
const BERT = new Uint8Array(32).fill(2)

async function open(volume = new MemoryVolume(), limits: Partial<MailboxLimits> = {}) {
  const clock = new ManualClock()
  const store = await openMemoryStore(MAILBOX_SCHEMA, volume)
  const boxes = await Mailboxes.open(store, clock, { ...MAILBOX_LIMITS, ...limits })
  return { boxes, clock, store, volume }
}

const textOf = (body: Uint8Array | undefined): string | undefined =>
  body === undefined ? undefined : Buffer.from(body).toString()

describe('a mailbox', () => {
  it('hands out what came first, and each body to one asker at a time', async () => {
    const { boxes } = await open()
    for (const text of ['a', 'b']) expect(await boxes.deposit(ANNE, utf8(text))).toBe('stored')
    await boxes.deposit(BERT, utf8('c'))
    const taken = await Promise.all([boxes.take(ANNE), boxes.take(ANNE), boxes.take(ANNE)])
    expect(taken.map((waiting) => textOf(waiting?.body))).toEqual(['a', 'b', undefined])
    expect(taken[0]?.remaining).toBe(1)
    expect(textOf((await boxes.take(BERT))?.body)).toBe('c')
  })

  it('hands a body out again until its receiver says that it has it', async () => {
    const { boxes, clock } = await open()
    await boxes.deposit(ANNE, utf8('a'))
    await boxes.take(ANNE)
    clock.advance(MAILBOX_LIMITS.leaseMs - 1)
    expect(await boxes.take(ANNE)).toBeUndefined()
    clock.advance(1)
    expect(textOf((await boxes.take(ANNE))?.body)).toBe('a')
    await boxes.acknowledge(BERT, [nameOfBody(utf8('a'))])
    await boxes.acknowledge(ANNE, [nameOfBody(utf8('b')), nameOfBody(utf8('a'))])
    clock.advance(MAILBOX_LIMITS.leaseMs)
    expect(await boxes.take(ANNE)).toBeUndefined()
    expect(boxes.heldBytes).toBe(0)
  })

  it('keeps a body once, however often it comes', async () => {
    const { boxes } = await open()
    const deposits = await Promise.all([1, 2, 3].map(() => boxes.deposit(ANNE, utf8('a'))))
    expect(deposits).toEqual(['stored', 'duplicate', 'duplicate'])
    expect(await boxes.deposit(BERT, utf8('a'))).toBe('stored')
  })

  it('holds after a restart what was in it, in the same order', async () => {
    const { boxes, volume, store } = await open()
    for (const text of ['a', 'b', 'c']) await boxes.deposit(ANNE, utf8(text))
    await boxes.acknowledge(ANNE, [nameOfBody(utf8('b'))])
    await store.close()
    const again = (await open(volume)).boxes
    expect(again.heldBytes).toBe(boxes.heldBytes)
    expect(await again.deposit(ANNE, utf8('c'))).toBe('duplicate')
    expect(await again.deposit(ANNE, utf8('d'))).toBe('stored')
    const texts: (string | undefined)[] = []
    for (let i = 0; i < 4; i += 1) texts.push(textOf((await again.take(ANNE))?.body))
    expect(texts).toEqual(['a', 'c', 'd', undefined])
  })

  it('is bounded, alone and with all others, and takes again what fits again', async () => {
    const { boxes } = await open(undefined, { maxBodies: 2, maxBytes: 5000 })
    expect(await boxes.deposit(ANNE, utf8('a'))).toBe('stored')
    expect(await boxes.deposit(ANNE, utf8('b'))).toBe('stored')
    expect(await boxes.deposit(ANNE, utf8('c'))).toBe('full')
    expect(await boxes.deposit(BERT, new Uint8Array(500))).toBe('full')
    await boxes.acknowledge(ANNE, [nameOfBody(utf8('a'))])
    expect(await boxes.deposit(BERT, new Uint8Array(400))).toBe('stored')
  })

  it('forgets what nobody asked for', async () => {
    const { boxes, clock } = await open(undefined, { maxAgeMs: 1000 })
    await boxes.deposit(ANNE, utf8('old'))
    clock.advance(600)
    await boxes.deposit(ANNE, utf8('new'))
    clock.advance(600)
    expect(await boxes.expire()).toBe(1)
    expect(textOf((await boxes.take(ANNE))?.body)).toBe('new')
  })

  it('keeps nothing that the store could not', async () => {
    const { boxes, store } = await open()
    await store.close()
    await expect(boxes.deposit(ANNE, utf8('a'))).rejects.toMatchObject({ code: 'E_STORE_CLOSED' })
    expect(boxes.heldBytes).toBe(0)
  })

  it('lets go of thousands at once', async () => {
    const { boxes } = await open()
    const bodies = Array.from({ length: 1000 }, (_, i) => utf8(String(i)))
    for (const body of bodies) await boxes.deposit(ANNE, body)
    await boxes.acknowledge(ANNE, bodies.map(nameOfBody))
    expect(boxes.heldBytes).toBe(0)
  })
})
