import { afterEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/lib/core/index.ts'
import { systemRandom } from '../../../src/lib/crypto/index.ts'
import { ProviderLink } from '../../../src/lib/mix/client/provider-link.ts'
import { ClientLinks, clientRecipient } from '../../../src/lib/mix/link/client-links.ts'
import { dialProvider, listenPackets } from '../../../src/lib/mix/link/endpoints.ts'
import { InboundLinks } from '../../../src/lib/mix/link/inbound.ts'
import {
  geometryHash,
  makeGeometry,
  PAYLOAD_TAG_BYTES,
  SURB_ID_BYTES,
} from '../../../src/lib/sphinx/index.ts'

const GEOMETRY = makeGeometry()
const controller = new AbortController()
const OPTIONS = {
  identity: {},
  geometryHash: geometryHash(GEOMETRY),
  clock: systemClock,
  signal: controller.signal,
}

const ends: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function providing(takesClients = true) {
  const packets: Uint8Array[] = []
  const inbound = new InboundLinks({
    packetBytes: GEOMETRY.packetBytes,
    clock: systemClock,
    intake: { receive: (packet) => packets.push(new Uint8Array(packet)), refuse: () => {}, flush: () => {} },
  })
  const clients = new ClientLinks(inbound)
  const listener = await listenPackets('htx+tcp://127.0.0.1:0', OPTIONS, {
    node: (pipe) => inbound.add(pipe),
    client: takesClients ? (token, pipe) => clients.add(token, pipe) : undefined,
  })
  ends.push(() => listener.close())
  return { address: listener.address, packets, clients }
}

async function client(address: string, token: Uint8Array) {
  const answers: [Uint8Array, Uint8Array][] = []
  const closed = Promise.withResolvers<void>()
  const link = new ProviderLink({
    addresses: [address],
    token,
    geometry: GEOMETRY,
    clock: systemClock,
    signal: controller.signal,
    onAnswer: (surbId, payload) => answers.push([surbId, payload]),
    onClose: closed.resolve,
  })
  await link.open()
  ends.push(() => link.close())
  return { link, answers, closed: closed.promise }
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited++) {
    if (waited > 5_000) throw new Error('it did not happen')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

const answer = () =>
  [systemRandom.bytes(SURB_ID_BYTES), systemRandom.bytes(PAYLOAD_TAG_BYTES + GEOMETRY.payloadBytes)] as const

it('carries packets up and answers down, to the client that they are for', async () => {
  const { address, packets, clients } = await providing()
  const [one, other] = [systemRandom.bytes(32), systemRandom.bytes(32)]
  const first = await client(address, one)
  const second = await client(address, other)
  await until(() => clients.count === 2)
  const packet = systemRandom.bytes(GEOMETRY.packetBytes)
  first.link.send(packet)
  await until(() => packets.length === 1)
  expect(packets).toEqual([packet])
  const sent = [answer(), answer(), answer()]
  for (const [surbId, payload] of sent)
    expect(clients.reply(clientRecipient(other), surbId, payload)).toBe(true)
  await until(() => second.answers.length === 3)
  expect(second.answers).toEqual(sent)
  expect(first.answers).toEqual([])
})

it('gives answers to the newest link of a client, and to nobody when it has none', async () => {
  const { address, clients } = await providing()
  const token = systemRandom.bytes(32)
  const recipient = clientRecipient(token)
  const [surbId, payload] = answer()
  expect(clients.reply(recipient, surbId, payload)).toBe(false)
  const first = await client(address, token)
  await until(() => clients.count === 1)
  const second = await client(address, token)
  await first.closed
  expect(clients.reply(recipient, surbId, payload)).toBe(true)
  await until(() => second.answers.length === 1)
  expect(first.answers).toEqual([])
  second.link.close()
  await until(() => clients.count === 0)
  expect(clients.reply(recipient, surbId, payload)).toBe(false)
})

it('gives nothing to who knows where answers go, but not the token', async () => {
  const { address, clients } = await providing()
  const token = systemRandom.bytes(32)
  const own = await client(address, token)
  const thief = await client(address, clientRecipient(token))
  await until(() => clients.count === 2)
  const [surbId, payload] = answer()
  clients.reply(clientRecipient(token), surbId, payload)
  await until(() => own.answers.length === 1)
  expect(thief.answers).toEqual([])
})

it('is refused by a node that is no provider, and without a token of 32 bytes', async () => {
  const mix = await providing(false)
  const refused = { code: 'E_SERVICE_REFUSED' }
  await expect(dialProvider(mix.address, systemRandom.bytes(32), OPTIONS)).rejects.toMatchObject(refused)
  const provider = await providing()
  await expect(dialProvider(provider.address, systemRandom.bytes(31), OPTIONS)).rejects.toMatchObject(refused)
  const other = { ...OPTIONS, geometryHash: geometryHash(makeGeometry({ hops: 5 })) }
  await expect(dialProvider(provider.address, systemRandom.bytes(32), other)).rejects.toMatchObject(refused)
})
