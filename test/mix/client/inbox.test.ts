import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/lib/core/index.ts'
import { ed25519, x25519 } from '../../../src/lib/crypto/index.ts'
import { INBOX_SCHEMA, Inbox, type Message, Routes, sealMessage } from '../../../src/lib/mix/client/index.ts'
import type { MixNode } from '../../../src/lib/mix/directory/index.ts'
import { fragmentAt, fragmentCount } from '../../../src/lib/mix/message/index.ts'
import { mailboxBodyRoom, mailboxOf } from '../../../src/lib/mix/provider/index.ts'
import { MemoryVolume, openMemoryStore, type Store } from '../../../src/lib/storage/index.ts'
import { TestMixnet } from './network.ts'

const MESSAGE: Message = { name: 'plan.txt', content: utf8('0123456789'.repeat(300)) }

/** A provider with the pieces of a message, and a receiver that can be stopped and started. */
async function open() {
  const net = await TestMixnet.open(11)
  const [provider] = net.providers as [MixNode]
  const { directory, random, clock } = net
  const recipient = random.bytes(32)
  const key = ed25519.generate(random)
  const sealPrivateKey = random.bytes(32)
  const mailbox = mailboxOf(key.publicKey)
  const sealKey = x25519.fromPrivate(sealPrivateKey).publicKey
  const sealed = await sealMessage(MESSAGE, { mailbox, sealKey }, random)
  const routes = new Routes({ directory, provider, recipient, random })
  const room = mailboxBodyRoom(routes.geometry)
  const id = random.bytes(16)
  for (let i = 0; i < fragmentCount(sealed.length, room); i += 1)
    await net.deposit(provider, mailbox, fragmentAt(id, sealed, i, room))
  const volume = new MemoryVolume()
  const start = async (onMessage: (message: Message) => Promise<void>, store?: Store): Promise<Inbox> => {
    const inbox = await Inbox.open({
      routes,
      provider,
      key,
      sealPrivateKey,
      clock,
      store: store ?? (await openMemoryStore(INBOX_SCHEMA, volume)),
      onMessage,
    })
    net.attach(recipient, async (surbId, payload) => void (await inbox.answered(surbId, payload)))
    return inbox
  }
  const ask = async (inbox: Inbox, times: number): Promise<void> => {
    for (let i = 0; i < times; i += 1) {
      const packet = inbox.nextPacket()
      if (packet !== undefined) net.inject(provider, packet)
      await net.advance(1000)
    }
  }
  const waiting = (): Promise<number> => net.waiting(provider, mailbox)
  return { net, start, ask, waiting, volume, pieces: fragmentCount(sealed.length, room) }
}

describe('an inbox', () => {
  it('keeps the pieces of a message through a restart, whose provider has forgotten them', async () => {
    const { start, ask, waiting, pieces } = await open()
    const never = async (): Promise<void> => expect.fail('the message is not whole')
    await ask(await start(never), pieces - 1)
    expect(await waiting()).toBeLessThan(pieces)
    const messages: Message[] = []
    const again = await start(async (message) => void messages.push(message))
    await ask(again, 40)
    expect(messages).toEqual([MESSAGE])
    expect(await waiting()).toBe(0)
    expect(again.untold).toBe(0)
  })

  it('gives a message again that could not be taken over, and keeps nothing of one that was', async () => {
    const { net, start, ask, volume } = await open()
    const inbox = await start(async () => {
      throw new Error('the disk is full')
    })
    await ask(inbox, 40)
    expect(net.failures).toEqual([new Error('the disk is full')])
    const messages: Message[] = []
    await start(async (message) => void messages.push(message))
    expect(messages).toEqual([MESSAGE])
    const store = await openMemoryStore(INBOX_SCHEMA, volume)
    expect(await store.count({ prefix: utf8('p') })).toBe(0)
    await start(async () => expect.fail('it was taken over'))
  })

  it('tells its provider of nothing that it could not keep', async () => {
    const { net, start, ask, waiting, pieces } = await open()
    const store = await openMemoryStore(INBOX_SCHEMA)
    const inbox = await start(async () => {}, store)
    await store.close()
    await ask(inbox, 3)
    expect(net.failures[0]).toMatchObject({ code: 'E_STORE_CLOSED' })
    expect(inbox.untold).toBe(0)
    expect(await waiting()).toBe(pieces)
  })
})
