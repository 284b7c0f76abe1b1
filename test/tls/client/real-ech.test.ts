import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { ALERT } from '../../../src/lib/tls/alert.ts'
import { EchRejectedError } from '../../../src/lib/tls/client/handshake/ech-rejected.ts'
import { type ChosenConfig, chooseEchConfig } from '../../../src/lib/tls/ech/choose-config.ts'
import { encodeEchConfigList } from '../../../src/lib/tls/ech/ech-config.ts'
import { parseEchKeyFile } from '../../../src/lib/tls/ech/key-file.ts'
import { newEchKey } from '../../../src/lib/tls/ech/new-key.ts'
import { setUpEch } from '../../../src/lib/tls/ech/seal-hello.ts'
import { clientOffer } from '../../support/tls-server/client-offer.ts'
import { type ClientWishes, Conversation } from '../../support/tls-server/conversation.ts'
import { HELLO_AT, putting, withExtensions } from '../../support/tls-server/edits.ts'
import { newIdentity } from '../../support/tls-server/identity.ts'
import { NAMED_GROUP } from '../../support/tls-server/key-exchange.ts'
import { type Script, saying, tampered } from '../../support/tls-server/script.ts'
import { vector } from '../../support/tls-server/wire.ts'

const CLOCK = new ManualClock(1_795_564_800_000)
const PUBLIC = 'public.example'
const SECRET = 'secret.example'
/** One certificate for each name, both signed by themselves. */
const BEHIND = newIdentity(SECRET, CLOCK)
const FRONT = newIdentity(PUBLIC, CLOCK)
const [KEY, OTHER] = [newEchKey(PUBLIC), newEchKey(PUBLIC)].map(({ file, list }) => {
  const { privateKey, configs } = parseEchKeyFile(file)
  const chosen = chooseEchConfig(configs) as ChosenConfig
  return { list, chosen, key: { privateKey: privateKey as Uint8Array, config: chosen.bytes } }
}) as [Key, Key]
interface Key {
  readonly list: Uint8Array
  readonly chosen: ChosenConfig
  readonly key: { readonly privateKey: Uint8Array; readonly config: Uint8Array }
}
const RETRY = { retry: { group: NAMED_GROUP.p256 } }
const ECH_EXTENSION = 0xfe0d
const PRE_SHARED_KEY = 41

interface Talk extends Partial<Script> {
  /** Whose key the server has; that of the client's configuration when absent. */
  readonly has?: Key
  readonly retryConfigs?: Uint8Array
  readonly wishes?: ClientWishes
}

async function talk({ has = KEY, retryConfigs, wishes, ...script }: Talk = {}): Promise<Conversation> {
  const isAccepting = has === KEY
  const ech = {
    key: has.key,
    publicIdentity: FRONT,
    ...(retryConfigs === undefined ? {} : { retryConfigs }),
  }
  return new Conversation(
    { ech, ...script },
    {
      serverName: SECRET,
      trusted: isAccepting ? BEHIND : FRONT,
      ech: await setUpEch(KEY.chosen),
      ...wishes,
    },
    BEHIND,
  )
}

const wire = ({ sent }: Conversation): string => Buffer.concat(sent).toString('latin1')

describe.each([
  ['the first hello', {}],
  ['the second hello', RETRY],
])('a server that opens %s', (_which, retried) => {
  it.each([0x1301, 0x1302, 0x1303])('is spoken to in secret, with suite %i', async (suite) => {
    const conversation = await talk({ ...retried, suite, alpn: 'h2' })
    expect(conversation.error).toBeUndefined()
    expect(conversation.events).toMatchObject([
      { kind: 'established', negotiated: { ech: 'accepted', alpn: 'h2', wasRetried: 'retry' in retried } },
    ])
    expect(conversation.server.isDone).toBe(true)
    expect(new Set(conversation.server.names.map((names) => JSON.stringify(names)))).toEqual(
      new Set([JSON.stringify({ shown: PUBLIC, meant: SECRET })]),
    )
    const key = conversation.client.exportKeyingMaterial('EXPORTER-test', new Uint8Array(3), 32)
    expect(key).toEqual(conversation.server.exported('EXPORTER-test', new Uint8Array(3), 32))
  })

  it('hears nothing of the name in the open', async () => {
    const conversation = await talk({ ...retried })
    expect(wire(conversation)).not.toContain('secret')
    expect(wire(conversation)).toContain(PUBLIC)
  })

  it('may not give other configurations', async () => {
    const say = saying({
      'encrypted-extensions': (honest) => [withExtensions(honest, putting(ECH_EXTENSION, OTHER.list))],
    })
    expect((await talk({ ...retried, say })).ending).toMatchObject({
      code: 'E_HANDSHAKE',
      alert: ALERT.unsupportedExtension,
    })
  })

  it('has to have the certificate of the name that is hidden', async () => {
    const conversation = await talk({ ...retried, wishes: { serverName: 'other.example' } })
    expect(conversation.ending).toMatchObject({ code: 'E_CERTIFICATE', isProtected: true })
  })

  it('is not offered a session', async () => {
    const ticket = {
      psk: new Uint8Array(32),
      ticket: Uint8Array.of(1),
      ageAdd: 0,
      lifetime: 60,
      cipherSuite: 0x1301,
    }
    const conversation = await talk({ ...retried, wishes: { session: { ticket, ageMs: 0 } } })
    expect(conversation.isEstablished).toBe(true)
    for (const hello of conversation.server.heard.slice(0, -1))
      expect(clientOffer(hello).extensions.has(PRE_SHARED_KEY)).toBe(false)
  })
})

describe.each([
  ['the first hello', {}],
  ['either hello', RETRY],
])('a server that does not open %s', (_which, retried) => {
  it('is verified by its public name, heard out, and left with ech_required', async () => {
    const conversation = await talk({ has: OTHER, retryConfigs: OTHER.list, ...retried })
    expect(conversation.isEstablished).toBe(false)
    expect(conversation.server.isDone).toBe(true)
    expect(conversation.ending).toEqual({ code: 'E_ECH_REJECTED', alert: 121, isProtected: true })
    // As Chromium 156 writes them, each by itself: a change of cipher spec where it is due and Finished, then the alert.
    expect(conversation.sent.slice(-2).map(({ length }) => length)).toEqual([
      'retry' in retried ? 58 : 64,
      24,
    ])
    const { publicName, retryConfigs } = conversation.error as EchRejectedError
    expect([publicName, encodeEchConfigList(retryConfigs)]).toEqual([PUBLIC, OTHER.list])
    expect(conversation.server.names.every(({ meant }) => meant === PUBLIC)).toBe(true)
    expect(wire(conversation)).not.toContain('secret')
  })

  it('need not give other configurations', async () => {
    const conversation = await talk({ has: OTHER, ...retried })
    expect(conversation.ending).toMatchObject({ code: 'E_ECH_REJECTED', alert: 121 })
    expect((conversation.error as EchRejectedError).retryConfigs).toEqual([])
  })

  it('is not believed with the certificate of the name that is hidden', async () => {
    const conversation = await talk({
      ech: { key: OTHER.key, publicIdentity: BEHIND, retryConfigs: OTHER.list },
      ...retried,
      wishes: { trusted: BEHIND },
    })
    expect(conversation.ending).toMatchObject({ code: 'E_CERTIFICATE', isProtected: true })
    expect(conversation.error).not.toBeInstanceOf(EchRejectedError)
  })

  it('is not believed without a certificate that is trusted', async () => {
    const conversation = await talk({
      has: OTHER,
      retryConfigs: OTHER.list,
      ...retried,
      wishes: { trusted: BEHIND },
    })
    expect(conversation.ending).toMatchObject({ code: 'E_CERTIFICATE', isProtected: true })
  })

  it.each([
    ['empty', new Uint8Array(0)],
    ['no list', Uint8Array.of(0, 0)],
    ['cut', KEY.list.subarray(0, -1)],
    ['longer than they say', Uint8Array.of(...KEY.list, 0)],
    ['too many', vector(2, ...Array.from({ length: 65 }, () => Uint8Array.of(1, 2, 0, 0)))],
  ])('may not give configurations that are %s', async (_what, retryConfigs) => {
    const conversation = await talk({ has: OTHER, retryConfigs, ...retried })
    expect(conversation.ending).toEqual({ code: 'E_HANDSHAKE', alert: ALERT.decodeError, isProtected: true })
  })
})

describe('the signal of acceptance', () => {
  it('counts in each of its bits in a ServerHello: without it the handshake is that of the outer hello', async () => {
    for (let at = 0; at < 8; at++) {
      const place = HELLO_AT.random + 24 + at
      const flipped = (honest: Uint8Array): Uint8Array =>
        honest.map((byte, index) => (index === place ? byte ^ (1 << at) : byte))
      const conversation = await talk({
        say: saying({ 'server-hello': (honest) => tampered(honest, flipped(honest)) }),
      })
      // The server means the inner hello: what it protects is then under other keys than ours.
      expect(conversation.isEstablished).toBe(false)
      expect(conversation.ending.code).toBe('E_HANDSHAKE')
    }
  })

  it('counts in each of its bytes in a HelloRetryRequest', async () => {
    for (let at = 1; at <= 8; at++) {
      const conversation = talk({
        ...RETRY,
        say: saying({
          'hello-retry-request': (honest) =>
            tampered(
              honest,
              honest.map((byte, index) => (index === honest.length - at ? byte ^ 1 : byte)),
            ),
        }),
      })
      // Our second hello is then the outer one with what was encrypted before, which opens no more.
      await expect(conversation).rejects.toThrow('a second hello with a new key')
    }
  })

  it('may not be taken back by the ServerHello', async () => {
    const conversation = await talk({
      ...RETRY,
      say: saying({
        'server-hello': (honest) => [honest.slice().fill(7, HELLO_AT.random + 24, HELLO_AT.random + 32)],
      }),
    })
    expect(conversation.ending).toMatchObject({ code: 'E_HANDSHAKE', alert: ALERT.illegalParameter })
  })

  it.each([0, 7, 9])('has not %i bytes in a HelloRetryRequest, to GREASE neither', async (length) => {
    const say = saying({
      'hello-retry-request': (honest) => [
        withExtensions(honest, putting(ECH_EXTENSION, new Uint8Array(length))),
      ],
    })
    expect((await talk({ ...RETRY, say })).ending.alert).toBe(ALERT.decodeError)
    const grease = new Conversation({ ...RETRY, say })
    expect(grease.ending.alert).toBe(ALERT.decodeError)
  })

  it('is noise to GREASE', () => {
    const say = saying({
      'hello-retry-request': (honest) => [withExtensions(honest, putting(ECH_EXTENSION, new Uint8Array(8)))],
      'encrypted-extensions': (honest) => [withExtensions(honest, putting(ECH_EXTENSION, OTHER.list))],
    })
    const conversation = new Conversation({ ...RETRY, say })
    expect(conversation.events).toMatchObject([{ kind: 'established', negotiated: { ech: 'grease' } }])
  })
})

describe('hellos with ECH', () => {
  it('are asked for twice at most', async () => {
    let request: Uint8Array = new Uint8Array(0)
    const say = saying({
      'hello-retry-request': (honest) => {
        request = honest
        return [honest]
      },
      'server-hello': () => [request],
    })
    expect((await talk({ ...RETRY, say })).ending).toEqual({
      code: 'E_HANDSHAKE',
      alert: ALERT.unexpectedMessage,
      isProtected: false,
    })
  })

  it('come again from the same seed', async () => {
    const sent = async (): Promise<string> => {
      const random = new SeededRandom(3)
      const conversation = await talk({ wishes: { seed: 3, ech: await setUpEch(KEY.chosen, random) } })
      return Buffer.from(conversation.server.heard[0] as Uint8Array).toString('hex')
    }
    expect(await sent()).toBe(await sent())
  })
})
