import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAivError, ManualClock, SeededRandom, utf8 } from '../../../src/lib/core/index.ts'
import {
  addKey,
  createGrantFile,
  createTicketKeys,
  DEFAULT_POLICY_TEXT,
  DEFAULT_SITE,
  grantDocument,
  grantOf,
  loadGrant,
  loadTicketKeys,
  newTicketKey,
  parseGrant,
  rotateKeys,
  type TicketKeyRing,
  updateTicketKeys,
} from '../../../src/lib/htx/ticket/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { HOUR_START_MS } from './tickets.ts'

const DAY_MS = 86_400_000
const random = new SeededRandom(12)

function ringOf(clock: ManualClock): TicketKeyRing {
  return { policyText: DEFAULT_POLICY_TEXT, ...DEFAULT_SITE, keys: [newTicketKey(random, clock)] }
}

/** The grant of the published vector, as the specification writes it. */
const PUBLISHED = {
  v: 1,
  ticketPub: 'D6poTtKIZ7l_Smot7l34zpdOdrcBjj8iocTPJnhXDyA',
  ticketKeyID: 'AQIDBAUGBwg',
  policy: DEFAULT_POLICY_TEXT,
  site: 'example.org',
  path: '/login',
  cookieName: '__Host-id',
  notAfter: 1_800_000_000,
}

describe('a grant', () => {
  it('is read and written field by field as the specification has it', () => {
    const grant = parseGrant(utf8(JSON.stringify(PUBLISHED)))
    expect(Buffer.from(grant.ticketPub).toString('hex')).toBe(
      '0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20',
    )
    expect([...grant.ticketKeyId]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(grantDocument(grant)).toEqual(PUBLISHED)
  })

  it.each([
    ['padding in a key', { ticketPub: `${PUBLISHED.ticketPub}=` }],
    ['a key of 31 bytes', { ticketPub: PUBLISHED.ticketPub.slice(0, 42) }],
    ['a key id of 9 bytes', { ticketKeyID: 'AQIDBAUGBwgJ' }],
    ['another version', { v: 2 }],
    ['an unusable policy', { policy: DEFAULT_POLICY_TEXT.replace('cookie', 'header') }],
    ['a time that is none', { notAfter: 1.5 }],
    ['a path that is none', { path: 'login' }],
    ['a line break in the path', { path: '/a\r\nX: y' }],
    ['a cookie name that breaks a header', { cookieName: 'a;b' }],
    ['a line break in the site', { site: 'a\nb' }],
    ['a field that nobody knows', { more: 1 }],
    ['a field that is missing', { notAfter: undefined }],
  ])('is refused with %s', (_, change) => {
    const text = JSON.stringify({ ...PUBLISHED, ...change })
    expect(() => parseGrant(utf8(text))).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
  })

  it('of any bytes is a grant or a typed error that does not quote it', () => {
    const text = JSON.stringify(PUBLISHED)
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(20), fc.string({ maxLength: 20 }), (at, length, put) => {
        try {
          parseGrant(utf8(text.slice(0, at) + put + text.slice(at + length)))
        } catch (error) {
          expect(isAivError(error, 'E_MALFORMED')).toBe(true)
          expect(String(error)).not.toContain(PUBLISHED.ticketPub)
        }
      }),
      { seed: 1, numRuns: 2000 },
    )
  })

  it('goes through its file, which only its owner can read', async () => {
    const path = join(temporaryFolder(), 'grant.json')
    const grant = parseGrant(utf8(JSON.stringify(PUBLISHED)))
    await createGrantFile(path, grant)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(PUBLISHED)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await loadGrant(path)).toEqual(grant)
    await expect(createGrantFile(path, grant)).rejects.toMatchObject({ code: 'E_INPUT' })
    writeFileSync(path, '{}')
    await expect(loadGrant(path)).rejects.toMatchObject({ code: 'E_INPUT' })
    writeFileSync(path, 'x'.repeat(5000))
    await expect(loadGrant(path)).rejects.toMatchObject({ code: 'E_INPUT' })
  })
})

describe('ticket keys', () => {
  it('are valid for 30 days from now', () => {
    const clock = new ManualClock(HOUR_START_MS)
    const { notBefore, notAfter } = newTicketKey(random, clock)
    expect([notBefore, notAfter]).toEqual([HOUR_START_MS / 1000, (HOUR_START_MS + 30 * DAY_MS) / 1000])
  })

  it('overlap for 7 days when they are rotated, and none gets longer by it', () => {
    const clock = new ManualClock(HOUR_START_MS)
    const ring = ringOf(clock)
    clock.advance(10 * DAY_MS)
    const rotated = rotateKeys(ring, newTicketKey(random, clock), clock)
    const day = (ms: number): number => (HOUR_START_MS + ms * DAY_MS) / 1000
    expect(rotated.keys.map(({ notAfter }) => notAfter)).toEqual([day(17), day(40)])
    clock.advance(5 * DAY_MS)
    const again = rotateKeys(rotated, newTicketKey(random, clock), clock)
    expect(again.keys.map(({ notAfter }) => notAfter)).toEqual([day(17), day(22), day(45)])
  })

  it('are 8 at most; the ones that have expired make room', () => {
    const clock = new ManualClock(HOUR_START_MS)
    let ring = ringOf(clock)
    for (let i = 1; i < 8; i++) ring = addKey(ring, newTicketKey(random, clock), clock)
    expect(ring.keys.length).toBe(8)
    const ninth = newTicketKey(random, clock)
    expect(() => addKey(ring, ninth, clock)).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
    clock.advance(30 * DAY_MS)
    expect(addKey(ring, ninth, clock).keys).toEqual([ninth])
  })

  it('go through their file, which only its owner may be able to read', async () => {
    const path = join(temporaryFolder(), 'tickets.json')
    const clock = new ManualClock(HOUR_START_MS)
    const ring = ringOf(clock)
    await createTicketKeys(path, ring)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const [key] = (await loadTicketKeys(path)).keys
    expect(key?.pair.exportPrivate()).toEqual(ring.keys[0]?.pair.exportPrivate())
    expect(grantOf(ring, key as never)).toEqual(grantOf(ring, ring.keys[0] as never))
    await expect(createTicketKeys(path, ring)).rejects.toMatchObject({ code: 'E_INPUT' })
    chmodSync(path, 0o640)
    await expect(loadTicketKeys(path)).rejects.toMatchObject({ code: 'E_KEY_FILE' })
  })

  it('lose none when several change the file at once', async () => {
    const path = join(temporaryFolder(), 'tickets.json')
    const clock = new ManualClock(HOUR_START_MS)
    await createTicketKeys(path, ringOf(clock))
    await Promise.all(
      Array.from({ length: 5 }, () =>
        updateTicketKeys(path, (ring) => addKey(ring, newTicketKey(random, clock), clock)),
      ),
    )
    expect((await loadTicketKeys(path)).keys.length).toBe(6)
  })

  it.each([
    ['no keys', { keys: [] }],
    ['another type', { type: 'other' }],
    ['another version', { v: 2 }],
    ['a field that nobody knows', { more: 1 }],
    ['a key that is cut', { keys: [{ id: '00', private: '', notBefore: 0, notAfter: 1 }] }],
  ])('are refused with %s, and the error does not quote a key', async (_, change) => {
    const path = join(temporaryFolder(), 'tickets.json')
    await createTicketKeys(path, ringOf(new ManualClock(HOUR_START_MS)))
    const document = JSON.parse(readFileSync(path, 'utf8')) as { keys: { private: string }[] }
    writeFileSync(path, JSON.stringify({ ...document, ...change }))
    const error: unknown = await loadTicketKeys(path).catch((reason: unknown) => reason)
    expect(isAivError(error, 'E_KEY_FILE')).toBe(true)
    expect(String(error)).not.toContain(document.keys[0]?.private)
  })

  it('are refused with the same key twice', async () => {
    const path = join(temporaryFolder(), 'tickets.json')
    await createTicketKeys(path, ringOf(new ManualClock(HOUR_START_MS)))
    const document = JSON.parse(readFileSync(path, 'utf8')) as { keys: unknown[] }
    writeFileSync(path, JSON.stringify({ ...document, keys: [...document.keys, ...document.keys] }))
    await expect(loadTicketKeys(path)).rejects.toMatchObject({ code: 'E_KEY_FILE' })
  })
})
