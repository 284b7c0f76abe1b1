import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/lib/core/index.ts'
import { ed25519, x25519 } from '../../../src/lib/crypto/index.ts'
import {
  INBOX_SCHEMA,
  Inbox,
  type MailboxAddress,
  type Message,
  Outbox,
  Routes,
} from '../../../src/lib/mix/client/index.ts'
import type { MixNode } from '../../../src/lib/mix/directory/index.ts'
import type { SenderEvent } from '../../../src/lib/mix/message/index.ts'
import { mailboxOf } from '../../../src/lib/mix/provider/index.ts'
import { openMemoryStore } from '../../../src/lib/storage/index.ts'
import { TestMixnet } from './network.ts'

interface Parties {
  readonly net: TestMixnet
  readonly outbox: Outbox
  readonly address: MailboxAddress
  readonly events: SenderEvent[]
  readonly messages: Message[]
  /** Sends what is due, and asks for mail, every `stepMs`. */
  run(steps: number, isDone: () => boolean, stepMs?: number): Promise<void>
}

async function parties(seed: number, loss = 0): Promise<Parties> {
  const net = await TestMixnet.open(seed, loss)
  const [ofSender, ofReceiver] = net.providers as [MixNode, MixNode]
  const { directory, clock, random } = net
  const routesOf = (provider: MixNode, recipient: Uint8Array): Routes =>
    new Routes({ directory, provider, recipient, random })
  const [anne, bert] = [random.bytes(32), random.bytes(32)]
  const events: SenderEvent[] = []
  const messages: Message[] = []
  const outbox = new Outbox({
    directory,
    routes: routesOf(ofSender, anne),
    clock,
    random,
    onEvent: (event) => events.push(event),
  })
  const key = ed25519.generate(random)
  const sealPrivateKey = random.bytes(32)
  const inbox = await Inbox.open({
    routes: routesOf(ofReceiver, bert),
    provider: ofReceiver,
    key,
    sealPrivateKey,
    clock,
    store: await openMemoryStore(INBOX_SCHEMA),
    onMessage: async (message) => void messages.push(message),
  })
  net.attach(anne, (surbId, payload) => void outbox.answered(surbId, payload))
  net.attach(bert, async (surbId, payload) => void (await inbox.answered(surbId, payload)))
  return {
    net,
    outbox,
    address: {
      provider: ofReceiver.id,
      mailbox: mailboxOf(key.publicKey),
      sealKey: x25519.fromPrivate(sealPrivateKey).publicKey,
    },
    events,
    messages,
    async run(steps, isDone, stepMs = 20) {
      for (let step = 0; step < steps && !isDone(); step += 1) {
        const packet = outbox.nextPacket()
        if (packet !== undefined) net.inject(ofSender, packet)
        const request = inbox.nextPacket()
        if (request !== undefined) net.inject(ofReceiver, request)
        await net.advance(stepMs)
      }
    },
  }
}

const FILE: Message = { name: 'plan.txt', content: utf8('0123456789'.repeat(700)) }

describe('a message through the mixnet', () => {
  it('arrives as it was, and its sender knows', async () => {
    const { net, outbox, address, events, messages, run } = await parties(1)
    const name = await outbox.add(address, FILE)
    await run(1500, () => messages.length > 0 && outbox.pending === 0)
    expect(messages).toEqual([FILE])
    expect(events).toEqual([{ kind: 'delivered', message: name }])
    expect(net.drops).toEqual([])
  })

  it('arrives once although each link loses one packet of fifty', async () => {
    const { outbox, address, events, messages, run } = await parties(2, 0.02)
    await outbox.add(address, FILE)
    await outbox.add(address, { name: '', content: utf8('second') })
    await run(6000, () => messages.length >= 2 && outbox.pending === 0)
    expect(messages.toSorted((a, b) => a.content.length - b.content.length)).toEqual([
      { name: '', content: utf8('second') },
      FILE,
    ])
    expect(events.map(({ kind }) => kind)).toEqual(['delivered', 'delivered'])
  })

  it('is known not to have arrived when no packet gets through', async () => {
    const { outbox, address, events, messages, run } = await parties(3, 1)
    await outbox.add(address, { name: '', content: utf8('lost') })
    await run(1500, () => outbox.pending === 0, 1000)
    expect(events.map(({ kind }) => kind)).toEqual(['failed'])
    expect(messages).toEqual([])
  })

  it('is refused when the directory does not know the provider', async () => {
    const { outbox, address } = await parties(4)
    await expect(outbox.add({ ...address, provider: new Uint8Array(32) }, FILE)).rejects.toMatchObject({
      code: 'E_INPUT',
    })
  })
})

describe('routes', () => {
  it('need packets with room for two providers and a mix of each layer', async () => {
    const { net } = await parties(5)
    const [provider] = net.providers as [MixNode]
    const short = { ...net.directory, geometry: { ...net.directory.geometry, hops: 4 } }
    expect(
      () => new Routes({ directory: short, provider, recipient: new Uint8Array(32), random: net.random }),
    ).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
  })

  it('begin and end at the providers, with a mix of each layer between them', async () => {
    const { net } = await parties(6)
    const [from, to] = net.providers as [MixNode, MixNode]
    const routes = new Routes({
      directory: net.directory,
      provider: from,
      recipient: net.random.bytes(32),
      random: net.random,
    })
    const packet = routes.packet(to, net.random.bytes(32), net.random.bytes(routes.geometry.payloadBytes))
    expect(packet).toHaveLength(2048)
    expect(routes.replyBlock(to).surb).toHaveLength(routes.geometry.surbBytes)
  })
})
