import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AivError, ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import { parseAddress } from '../../../../src/lib/htx/address.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import { AllowList, type PeerTrust } from '../../../../src/lib/htx/endpoint/index.ts'
import { FrameOpener } from '../../../../src/lib/htx/frames/index.ts'
import { deriveSessionSecrets } from '../../../../src/lib/htx/keys/schedule.ts'
import {
  type Identity,
  issueCertificate,
  KnownPeers,
  rotateIdentity,
} from '../../../../src/lib/identity/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { bytes, ID, ID_CERT, type Parameter, payload, TIME, VERSIONS } from '../../handshake/parameters.ts'
import { RawInitiator } from '../../handshake/raw-initiator.ts'
import { flipBit } from '../../handshake/sides.ts'
import {
  CLIENT,
  connectTo,
  identityOf,
  probe,
  type Running,
  SERVER,
  START_MS,
  startListener,
  turns,
  until,
} from '../endpoints.ts'
import { HandClient, type HandClientOptions } from '../hand-client.ts'

const DAY = 86_400
const NOW = START_MS / 1000
const OTHER = identityOf(9)

function certificate(notBefore: number, notAfter: number, signer = CLIENT, key = CLIENT): Uint8Array {
  return issueCertificate(signer.sign, { noisePublic: key.noise.publicKey, notBefore, notAfter })
}

/** The code of the CLOSE that the client gets first of all, or undefined when it comes in. */
async function codeFor(running: Running, options: HandClientOptions): Promise<number | undefined> {
  const client = await HandClient.open(running.listener.address, options)
  await until(() => client.read().length > 0, 'the first frame')
  const first = client.frames[0]
  client.probe.link.abort()
  return first?.kind === 'close' ? first.code : undefined
}

describe('a client that shows a certificate', () => {
  const bad: readonly [string, Uint8Array][] = [
    ['for another Noise key', certificate(NOW, NOW + DAY, CLIENT, OTHER)],
    ['of somebody else', OTHER.certificate],
    ['that expired 301 s ago', certificate(NOW - DAY, NOW - 301)],
    ['that begins in 301 s', certificate(NOW + 301, NOW + DAY)],
    ['for a second more than 366 days', certificate(NOW, NOW + 366 * DAY + 1)],
    ['of another version', flipBit(CLIENT.certificate, 1)],
    ['with a changed signature', flipBit(CLIENT.certificate, 8 * 90)],
  ]

  it.each(bad)('%s is told AUTH_FAILED inside the session', async (_why, shown) => {
    for (const suite of [1, 2] as const) {
      const running = await startListener()
      expect(await codeFor(running, { certificate: shown, suite })).toBe(CODE.AUTH_FAILED)
      expect(running.outcomes).toEqual(['refused'])
      expect(running.sessions).toEqual([])
    }
  })

  it.each(bad)('%s is told AUTH_FAILED at first contact too', async (_why, shown) => {
    const running = await startListener({ firstContact: true })
    expect(await codeFor(running, { certificate: shown, suite: 6 })).toBe(CODE.AUTH_FAILED)
  })

  it('of the wrong length is told MALFORMED_FRAME', async () => {
    const running = await startListener()
    const short = CLIENT.certificate.slice(0, 144)
    expect(await codeFor(running, { certificate: short })).toBe(CODE.MALFORMED_FRAME)
  })

  it('at the edge of its validity comes in', async () => {
    const running = await startListener()
    for (const [seed, good] of [
      certificate(NOW - DAY, NOW - 300),
      certificate(NOW + 300, NOW + DAY),
      certificate(NOW, NOW + 366 * DAY),
    ].entries())
      expect(await codeFor(running, { certificate: good, seed })).toBeUndefined()
    expect(running.outcomes).toEqual(['accepted', 'accepted', 'accepted'])
    expect(running.sessions.map(({ peer }) => peer)).toEqual([CLIENT.peer, CLIENT.peer, CLIENT.peer])
  })
})

describe('a message 3 that is genuine and malformed', () => {
  it.each([
    ['an unknown odd parameter', CODE.UNSUPPORTED_FEATURE, [ID_CERT, [0x19, bytes()]]],
    ['no certificate', CODE.MALFORMED_FRAME, []],
    ['a parameter of message 1', CODE.MALFORMED_FRAME, [VERSIONS, ID_CERT]],
    ['PAD that is not zero', CODE.MALFORMED_FRAME, [[ID.PAD, bytes(1)], ID_CERT]],
  ] as const)('with %s is answered by a CLOSE', async (_what, code, parameters: readonly Parameter[]) => {
    const running = await startListener()
    const { x } = parseAddress(running.listener.address, 'connect')
    const raw = new RawInitiator({ suite: 1, identity: CLIENT, remoteStatic: x as Uint8Array, linkCode: 5 })
    const link = await probe(running)
    link.link.write([raw.message1(payload(VERSIONS, TIME))])
    await until(() => link.bytes > 2, 'message 2')
    raw.readMessage2(link.received)
    const before = link.bytes
    link.link.write([raw.message3(payload(...parameters))])
    await until(() => link.bytes > before, 'the CLOSE')
    const { directions } = deriveSessionSecrets('client', raw.noise.split())
    const opener = new FrameOpener(directions.receive, 65_535)
    opener.push(link.received.subarray(before))
    expect(opener.next()).toMatchObject({ kind: 'close', code })
    expect(running.outcomes).toEqual(['refused'])
    expect(running.sessions).toEqual([])
  })
})

describe('the access list', () => {
  it('does not let in who is taken off it while a record is written', async () => {
    const allow = new AllowList([CLIENT.peer])
    const trust: PeerTrust = {
      keyOf: async () => undefined,
      record: async () => allow.replace([]),
    }
    const running = await startListener({ allow, trust })
    expect(await codeFor(running, {})).toBe(CODE.POLICY_REJECTED)
    expect(running.sessions).toEqual([])
  })

  it('lets in whom it names, and tells the others POLICY_REJECTED', async () => {
    const running = await startListener({ allow: [CLIENT.peer] })
    expect(await codeFor(running, { identity: OTHER })).toBe(CODE.POLICY_REJECTED)
    expect(await codeFor(running, { identity: CLIENT, seed: 2 })).toBeUndefined()
    expect(running.outcomes).toEqual(['refused', 'accepted'])
  })

  it('ends a refused session for the client with that code', async () => {
    const running = await startListener({ allow: [] })
    const session = await connectTo(running)
    expect(await session.closed).toMatchObject({ cause: 'closed', code: CODE.POLICY_REJECTED, byPeer: true })
    await expect(session.ping()).rejects.toMatchObject({ code: 'E_SESSION_CLOSED' })
    expect(running.sessions).toEqual([])
  })

  it('admits everybody by a wildcard, and keeps records of named peers apart', async () => {
    const named: [string, boolean][] = []
    const trust = {
      keyOf: async () => undefined,
      record: async ({ peer }: { readonly peer: string }, isNamed: boolean) =>
        void named.push([peer, isNamed]),
    }
    const running = await startListener({ allow: [CLIENT.peer, '*'], trust })
    expect(await codeFor(running, { identity: OTHER })).toBeUndefined()
    expect(await codeFor(running, { identity: CLIENT, seed: 2 })).toBeUndefined()
    expect(named).toEqual([
      [OTHER.peer, false],
      [CLIENT.peer, true],
    ])
  })

  it('leaves no record of those it refuses', async () => {
    const trust = new KnownPeers(undefined, { clock: new ManualClock(START_MS) })
    const running = await startListener({ allow: [OTHER.peer], trust })
    expect(await codeFor(running, {})).toBe(CODE.POLICY_REJECTED)
    expect(await trust.list()).toEqual([])
  })
})

describe('the roll-back record of a listener', () => {
  const trusting = async (): Promise<Running> =>
    await startListener({ trust: new KnownPeers(undefined, { clock: new ManualClock(START_MS) }) })

  it('refuses an older certificate, and another one of the same age', async () => {
    const running = await trusting()
    const codes: (number | undefined)[] = []
    for (const [seed, shown] of [
      certificate(NOW - 100, NOW + DAY),
      certificate(NOW - 100, NOW + DAY),
      certificate(NOW - 101, NOW + DAY),
      certificate(NOW - 100, NOW + DAY + 1),
      certificate(NOW - 99, NOW + DAY),
      certificate(NOW - 100, NOW + DAY),
    ].entries())
      codes.push(await codeFor(running, { certificate: shown, seed }))
    const refused = CODE.AUTH_FAILED
    expect(codes).toEqual([undefined, undefined, refused, refused, undefined, refused])
  })

  it('refuses a key that was rotated away', async () => {
    const running = await trusting()
    const rotated = rotateIdentity(CLIENT, new SeededRandom(8), new ManualClock(START_MS))
    expect(await codeFor(running, {})).toBeUndefined()
    expect(await codeFor(running, { identity: rotated, seed: 2 })).toBeUndefined()
    expect(await codeFor(running, { seed: 3 })).toBe(CODE.AUTH_FAILED)
  })

  it('outlives the process on both sides', async () => {
    const clock = new ManualClock(START_MS)
    const folder = temporaryFolder()
    const recordOf = (side: string): KnownPeers => new KnownPeers(join(folder, `${side}.jsonl`), { clock })
    const before = await startListener({ trust: recordOf('listener'), clock })
    const session = await connectTo(before, { trust: recordOf('client') })
    await session.ping()
    await before.listener.close(0)
    const older = (of: Identity): Identity => ({
      ...of,
      certificate: certificate(NOW - 50, NOW + DAY, of, of),
    })
    const after = await startListener({ trust: recordOf('listener'), clock })
    expect(await codeFor(after, { certificate: older(CLIENT).certificate })).toBe(CODE.AUTH_FAILED)
    const stolen = await startListener({ identity: older(SERVER), clock })
    await expect(connectTo(stolen, { trust: recordOf('client') })).rejects.toMatchObject({
      code: 'E_CERTIFICATE',
      reason: 'rolled back',
    })
    await connectTo(after, { trust: recordOf('client') })
  })

  it('is written before the session begins', async () => {
    const gate = Promise.withResolvers<void>()
    const trust = { keyOf: async () => undefined, record: async () => await gate.promise }
    const running = await startListener({ trust })
    const client = await HandClient.open(running.listener.address)
    await turns(20)
    expect([client.read().length, running.sessions.length]).toEqual([0, 0])
    gate.resolve()
    await client.frame('ping')
    expect(running.sessions.length).toBe(1)
  })

  it('that cannot be written ends the session with INTERNAL_ERROR, and the operator is told', async () => {
    const failure = new AivError('E_IO', 'disk full')
    const trust = { keyOf: async () => undefined, record: async () => await Promise.reject(failure) }
    const running = await startListener({ trust })
    expect(await codeFor(running, {})).toBe(CODE.INTERNAL_ERROR)
    expect(running.errors).toEqual([failure])
    expect(running.sessions).toEqual([])
  })

  it('does not stand in the way of a listener that connects to itself', async () => {
    const running = await trusting()
    const session = await connectTo(running, { identity: SERVER })
    expect(session.peer).toBe(SERVER.peer)
    expect(await session.ping()).toBeGreaterThanOrEqual(0)
  })
})

describe('the limit of sessions', () => {
  it('refuses the next one and takes another when one has gone', async () => {
    const running = await startListener({ maxSessions: 2 })
    const first = await connectTo(running)
    await connectTo(running)
    await until(() => running.sessions.length === 2, 'both')
    expect(await codeFor(running, { seed: 5 })).toBe(CODE.ENHANCE_CALM)
    await first.close()
    await until(() => running.listener.sessions.length === 1, 'room')
    await connectTo(running)
    await until(() => running.sessions.length === 3, 'the third')
  })

  it('holds when many come at once while a record is written', async () => {
    const gate = Promise.withResolvers<void>()
    const trust = { keyOf: async () => undefined, record: async () => await gate.promise }
    const running = await startListener({ maxSessions: 3, trust })
    const clients = await Promise.all(
      Array.from({ length: 8 }, (_, seed) => HandClient.open(running.listener.address, { seed })),
    )
    await turns(20)
    gate.resolve()
    await until(() => clients.every((client) => client.read().length > 0), 'the answers')
    expect(running.sessions.length).toBe(3)
    expect(running.outcomes.filter((outcome) => outcome === 'refused').length).toBe(5)
  })
})
