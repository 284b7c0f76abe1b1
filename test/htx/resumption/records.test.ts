/** What a listener keeps of its tickets. */
import { describe, expect, it } from 'vitest'
import { SeededRandom, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { loadNobleProvider, sha256 } from '../../../src/lib/crypto/index.ts'
import { ResumptionSecret } from '../../../src/lib/htx/keys/schedule.ts'
import { RESUMPTION_SCHEMA } from '../../../src/lib/htx/resumption/records.ts'
import { rotateIdentity } from '../../../src/lib/identity/index.ts'
import { openMemoryStore } from '../../../src/lib/storage/index.ts'
import { CLIENT, identityOf, SERVER } from '../endpoint/endpoints.ts'
import { DAY_S, holder, issueOne, Listener, SECRET, START_S } from './records.ts'

const PSK_INFO = utf8('htx psk v1')

describe('a ticket of a listener', () => {
  it('is found by its handle with the psk that the handle gives', async () => {
    const records = await new Listener().start()
    const handle = await issueOne(records)
    const noble = await loadNobleProvider()
    const found = await records.find(handle)
    expect(found?.record).toMatchObject({ peer: CLIENT.peer, hybrid: true, created: START_S })
    expect(found?.record.psk).toEqual(noble.hkdf(SECRET, handle, PSK_INFO, 32))
  })

  it('is used once', async () => {
    const listener = new Listener()
    const records = await listener.start()
    const handle = await issueOne(records)
    const found = await records.find(handle)
    if (found === undefined) throw new Error('not found')
    expect(await records.take(found)).toBe(true)
    expect(await records.take(found)).toBe(false)
    expect(await records.find(handle)).toBeUndefined()
    expect(await listener.entries()).toEqual([])
  })

  it('is used once by two processes that both have found it', async () => {
    const listener = new Listener()
    const one = await listener.start()
    const other = await listener.start()
    const handle = await issueOne(one)
    const [a, b] = await Promise.all([one.find(handle), other.find(handle)])
    if (a === undefined || b === undefined) throw new Error('not found')
    expect((await Promise.all([one.take(a), other.take(b)])).toSorted()).toEqual([false, true])
  })

  it('survives a restart, and its use does', async () => {
    const listener = new Listener()
    const handle = await issueOne(await listener.start())
    const found = await (await listener.start()).find(handle)
    if (found === undefined) throw new Error('not found')
    // The process dies between the deletion and its answer.
    await (await listener.start()).take(found)
    expect(await (await listener.start()).find(handle)).toBeUndefined()
  })

  it('can be found before its record is durable', async () => {
    const records = await new Listener().start()
    const [ticket] = records.issue(new ResumptionSecret(SECRET.slice()), holder(), 1)
    expect(await records.find(ticket?.handle as Uint8Array)).toBeDefined()
  })

  it('is gone after a day', async () => {
    const listener = new Listener()
    const records = await listener.start()
    const handle = await issueOne(records)
    listener.clock.advance((DAY_S - 1) * 1000)
    expect(await records.find(handle)).toBeDefined()
    listener.clock.advance(1000)
    expect(await records.find(handle)).toBeUndefined()
    await listener.start()
    expect(await listener.entries()).toEqual([])
  })
})

describe('a chain of resumptions', () => {
  const issue = async (certNotAfter: number, fullAt: number): Promise<readonly number[]> => {
    const records = await new Listener().start()
    const chain = holder({ certNotAfter, fullAt })
    const secret = new ResumptionSecret(SECRET.slice())
    const tickets = records.issue(secret, chain, 2)
    expect(secret.expose()).toBeUndefined()
    return tickets.map(({ lifetimeSeconds }) => lifetimeSeconds)
  }

  it('gives tickets of a day while there is more left', async () => {
    expect(await issue(START_S + 2 * DAY_S, START_S)).toEqual([DAY_S, DAY_S])
  })

  it('ends with the certificates', async () => {
    expect(await issue(START_S + 100, START_S)).toEqual([100, 100])
    expect(await issue(START_S, START_S)).toEqual([])
  })

  it('ends seven days after its full handshake', async () => {
    expect(await issue(START_S + 90 * DAY_S, START_S - 7 * DAY_S + 50)).toEqual([50, 50])
    expect(await issue(START_S + 90 * DAY_S, START_S - 7 * DAY_S)).toEqual([])
  })
})

describe('the records at rest', () => {
  it('hold neither handle, psk nor peer in clear', async () => {
    const listener = new Listener()
    const records = await listener.start()
    const handle = await issueOne(records)
    const psk = (await records.find(handle))?.record.psk as Uint8Array
    const bytes = (await listener.entries()).map(({ key, value }) => toHex(key) + toHex(value)).join()
    expect(bytes).toContain(toHex(sha256(handle)))
    for (const secret of [handle, psk, utf8(CLIENT.peer), CLIENT.noise.publicKey])
      expect(bytes).not.toContain(toHex(secret))
  })

  it('are XChaCha20-Poly1305 under a key from the identity, as another implementation opens it', async () => {
    const listener = new Listener()
    const handle = await issueOne(await listener.start())
    const { hkdf, xchacha20poly1305 } = await loadNobleProvider()
    const purpose = utf8('aiv htx resumption records v1')
    const key = hkdf(SERVER.sign.exportSeed(), SERVER.noise.publicKey, purpose, 32)
    const id = sha256(handle)
    const sealed = (await listener.entries()).find(({ key: name }) => toHex(name).startsWith('722f'))?.value
    if (sealed === undefined) throw new Error('no record')
    const aad = Buffer.concat([utf8('aiv htx resumption record'), id])
    const plain = xchacha20poly1305.open(key, sealed.slice(1, 25), new Uint8Array(aad), sealed.slice(25))
    expect(toHex(plain as Uint8Array)).toContain(toHex(hkdf(SECRET, handle, PSK_INFO, 32)))
  })

  it('cannot change places, and are nobody else’s', async () => {
    const listener = new Listener()
    const records = await listener.start()
    const one = await issueOne(records)
    const other = await issueOne(records)
    const found = await records.find(one)
    const store = await openMemoryStore(RESUMPTION_SCHEMA, listener.volume)
    const place = new Uint8Array([...utf8('r/'), ...sha256(other)])
    await store.batch([{ put: place, value: found?.sealed as Uint8Array }])
    expect(await records.find(other)).toBeUndefined()
    expect(await records.find(one)).toBeDefined()
    expect(await (await listener.start(identityOf(9))).find(one)).toBeUndefined()
  })

  it('stay below their bound, the oldest first out', async () => {
    const listener = new Listener()
    const records = await listener.start(SERVER, { entries: 10, sweepEvery: 2, reserve: 4 })
    const handles: Uint8Array[] = []
    for (let i = 0; i < 30; i++) {
      listener.clock.advance(1000)
      handles.push(await issueOne(records))
      expect((await listener.entries()).length).toBeLessThanOrEqual(10 * 3)
    }
    const kept = await Promise.all(handles.map(async (handle) => (await records.find(handle)) !== undefined))
    const first = kept.indexOf(true)
    expect(first).toBeGreaterThanOrEqual(20)
    expect(kept.slice(first)).not.toContain(false)
  })
})

describe('a rotation', () => {
  it('of the listener deletes all its tickets, and no other listener’s', async () => {
    const listener = new Listener()
    const other = identityOf(9)
    const handle = await issueOne(await listener.start())
    const others = await issueOne(await listener.start(other))
    await listener.start(rotateIdentity(SERVER, new SeededRandom(5), listener.clock))
    expect(await (await listener.start(other)).find(others)).toBeDefined()
    expect(await (await listener.start()).find(handle)).toBeUndefined()
    expect(await listener.entries()).toHaveLength(3)
  })

  it('of a client deletes what it got before, and no other client’s', async () => {
    const listener = new Listener()
    const records = await listener.start()
    const old = await issueOne(records)
    const others = await issueOne(records, { peer: identityOf(9).peer })
    const rotated = rotateIdentity(CLIENT, new SeededRandom(5), listener.clock)
    const fresh = await issueOne(records, { x: rotated.noise.publicKey })
    await records.forgetOtherKeys(CLIENT.peer, rotated.noise.publicKey)
    expect(await records.find(old)).toBeUndefined()
    expect(await records.find(others)).toBeDefined()
    expect(await records.find(fresh)).toBeDefined()
    expect(await listener.entries()).toHaveLength(6)
  })
})
