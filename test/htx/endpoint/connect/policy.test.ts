import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import { formatAddress, parseAddress } from '../../../../src/lib/htx/address.ts'
import { connect, type HtxSession, type PqPolicy } from '../../../../src/lib/htx/index.ts'
import { KnownPeers } from '../../../../src/lib/identity/index.ts'
import {
  CLIENT,
  connectTo,
  identityOf,
  listenRaw,
  Probe,
  type Running,
  SERVER,
  START_MS,
  startListener,
  turns,
  until,
} from '../endpoints.ts'
import { HandListener } from '../hand-listener.ts'

const POLICIES: readonly PqPolicy[] = ['require', 'prefer', 'off']
const CLASSICAL = 'Noise_XK_25519_ChaChaPoly_SHA256'
const HYBRID = 'Noise_XKhfs_25519+MLKEM768_ChaChaPoly_SHA256'
const CLASSICAL_FIRST = 'Noise_XX_25519_ChaChaPoly_SHA256'
const HYBRID_FIRST = 'Noise_XXhfs_25519+MLKEM768_ChaChaPoly_SHA256'

type Timed = Running & { readonly clock: ManualClock }

async function listener(
  options: Parameters<typeof startListener>[0] = {},
  wallMs = START_MS,
): Promise<Timed> {
  const clock = new ManualClock(wallMs)
  return { ...(await startListener({ ...options, clock })), clock }
}

/** The outcome of an attempt: the suite of the session, or the code of the error once ten seconds have passed. */
async function outcome(running: Timed, options: Parameters<typeof connectTo>[1] = {}): Promise<string> {
  const attempt = connectTo(running, options).then(
    (session) => session.description.suite,
    (error: { code: string }) => error.code,
  )
  await turns(30)
  running.clock.advance(10_000)
  return await attempt
}

const withoutKey = ({ listener: { address } }: Running): string =>
  formatAddress({ ...parseAddress(address, 'connect'), x: undefined })

describe('the suite of a session', () => {
  it.each(POLICIES.flatMap((client) => POLICIES.map((server) => [client, server] as const)))(
    'follows the policies: client %s, listener %s',
    async (client, server) => {
      const running = await listener({ pq: server })
      const started = client === 'off' ? CLASSICAL : HYBRID
      const answers = server === 'prefer' || (server === 'require') === (started === HYBRID)
      expect(await outcome(running, { pq: client })).toBe(answers ? started : 'E_HANDSHAKE_TIMEOUT')
    },
  )

  it.each(POLICIES.flatMap((client) => POLICIES.map((server) => [client, server] as const)))(
    'follows the policies at first contact too: client %s, listener %s',
    async (client, server) => {
      const running = await listener({ pq: server, firstContact: true })
      const address = withoutKey(running)
      const attempt = connect(address, {
        clock: running.clock,
        identity: CLIENT,
        pq: client,
        firstContact: true,
      }).then(
        (session) => {
          session.abort()
          return session.description.suite
        },
        (error: { code: string }) => error.code,
      )
      await turns(30)
      running.clock.advance(10_000)
      const started = client === 'off' ? CLASSICAL_FIRST : HYBRID_FIRST
      const answers = server === 'prefer' || (server === 'require') === (started === HYBRID_FIRST)
      expect(await attempt).toBe(answers ? started : 'E_HANDSHAKE_TIMEOUT')
    },
  )

  it('is hybrid when nobody chose', async () => {
    expect(await outcome(await listener())).toBe(HYBRID)
  })

  it('may be classical until 2026 ends by the clock of the listener, and not a moment longer', async () => {
    const NEW_YEAR = Date.parse('2027-01-01T00:00:00Z')
    const identity = identityOf(1)
    expect(await outcome(await listener({ identity }, NEW_YEAR - 60_000), { pq: 'off' })).toBe(CLASSICAL)
    expect(await outcome(await listener({ identity }, NEW_YEAR), { pq: 'off' })).toBe('E_HANDSHAKE_TIMEOUT')
    expect(await outcome(await listener({ identity }, NEW_YEAR))).toBe(HYBRID)
    // A listener that runs over the turn of the year changes with it.
    const running = await listener({ identity }, NEW_YEAR - 60_000)
    running.clock.advance(60_000)
    expect(await outcome(running, { pq: 'off' })).toBe('E_HANDSHAKE_TIMEOUT')
  })
})

describe('an address that asks for the classical suite', () => {
  it('is refused before anything is sent, unless the local policy is off', async () => {
    const links: Probe[] = []
    const { where } = await listenRaw((link) => links.push(new Probe(link)))
    const { peer, noise } = SERVER
    const [host, port] = where.split(':') as [string, string]
    const address = formatAddress({
      scheme: 'htx+mem',
      peer,
      host,
      port: Number(port),
      path: undefined,
      x: noise.publicKey,
      bind: undefined,
      suite: 'classical',
    })
    for (const pq of ['require', 'prefer', undefined] as const) {
      const attempt = connect(address, pq === undefined ? {} : { pq })
      await expect(attempt).rejects.toMatchObject({ code: 'E_CLASSICAL_REFUSED', exitCode: 1 })
    }
    await turns(5)
    expect(links).toEqual([])
  })

  it('is honoured with the local policy off', async () => {
    const running = await listener({ pq: 'off' })
    const address = `${running.listener.address}&suite=classical`
    const session = await connect(address, { clock: running.clock, pq: 'off' })
    expect(session.description).toMatchObject({ suite: CLASSICAL, hybrid: false })
    session.abort()
  })
})

describe('a client that meets silence', () => {
  it('sends one message 1 of the strong suite and never tries a weaker one', async () => {
    const clock = new ManualClock(START_MS)
    const hand = await HandListener.start()
    const attempt = connect(hand.address, { clock, identity: CLIENT })
    const body = await hand.message1()
    expect(body[0]).toBe(2)
    const sent = hand.probes[0]?.bytes
    clock.advance(9_999)
    await turns(10)
    expect(hand.probes[0]?.closed).toBe(false)
    clock.advance(1)
    await expect(attempt).rejects.toMatchObject({ code: 'E_HANDSHAKE_TIMEOUT', exitCode: 3 })
    clock.advance(600_000)
    await turns(10)
    expect(hand.probes.length).toBe(1)
    expect(hand.probes[0]?.bytes).toBe(sent)
  })

  it('does not try again after a refusal or a cut either', async () => {
    for (const end of [(probe: Probe) => probe.link.end(), (probe: Probe) => probe.link.abort()]) {
      const hand = await HandListener.start()
      const attempt = connect(hand.address, { clock: new ManualClock(START_MS) })
      await hand.message1()
      end(hand.probes[0] as Probe)
      await expect(attempt).rejects.toMatchObject({ name: 'AivError' })
      await turns(10)
      expect(hand.probes.length).toBe(1)
    }
  })
})

describe('an address without a key', () => {
  it('stops the client before it dials', async () => {
    const running = await listener()
    await expect(connect(withoutKey(running), { clock: running.clock })).rejects.toMatchObject({
      code: 'E_PEER_KEY_UNKNOWN',
      exitCode: 2,
      hint: expect.stringContaining('listen'),
    })
    await turns(5)
    expect(running.outcomes).toEqual([])
  })

  it('is enough for a peer on record, and then the known key is used', async () => {
    const running = await listener()
    const trust = new KnownPeers(undefined, { clock: running.clock })
    await connectTo(running, { trust })
    const session = await connect(withoutKey(running), { clock: running.clock, trust, firstContact: true })
    expect(session.description.suite).toBe(HYBRID)
    session.abort()
  })

  it('is enough for first contact when both sides allow it, and puts the peer on record', async () => {
    const running = await listener({ firstContact: true })
    const trust = new KnownPeers(undefined, { clock: running.clock })
    const session: HtxSession = await connect(withoutKey(running), {
      clock: running.clock,
      identity: CLIENT,
      trust,
      firstContact: true,
    })
    expect(session.peer).toBe(SERVER.peer)
    await until(() => running.sessions.length === 1, 'the session')
    expect(running.sessions[0]?.peer).toBe(CLIENT.peer)
    expect(await trust.keyOf(SERVER.peer)).toEqual(SERVER.noise.publicKey)
    session.abort()
  })

  it('is not answered by a listener that does not allow first contact', async () => {
    const running = await listener({ firstContact: false })
    const attempt = connect(withoutKey(running), { clock: running.clock, firstContact: true })
    attempt.catch(() => {})
    await until(() => running.outcomes.length > 0, 'the judgement')
    running.clock.advance(10_000)
    await expect(attempt).rejects.toMatchObject({ code: 'E_HANDSHAKE_TIMEOUT' })
    expect(running.outcomes).toEqual(['silent'])
  })
})
