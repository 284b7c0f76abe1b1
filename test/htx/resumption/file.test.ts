/** The tickets that a client holds in its file. */
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeBase32, ManualClock, toHex } from '../../../src/lib/core/index.ts'
import type { HeldTicket } from '../../../src/lib/htx/resumption/index.ts'
import { ResumptionFile } from '../../../src/lib/htx/resumption/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { CLIENT, identityOf, SERVER, START_MS } from '../endpoint/endpoints.ts'
import { DAY_S, START_S } from './records.ts'

const PEER = SERVER.peer
const X = SERVER.noise.publicKey
const OTHER_X = identityOf(9).noise.publicKey
const WANTED = { peer: PEER, x: X, hybrid: true }

let handles = 0

/** Takes a ticket and waits until it is gone from the file. */
async function taken(file: ResumptionFile): Promise<HeldTicket | undefined> {
  const found = await file.take(WANTED)
  await found?.deleted
  return found?.ticket
}

function ticket(changes: Partial<HeldTicket> = {}): HeldTicket {
  return {
    peer: PEER,
    x: X,
    handle: new Uint8Array(16).fill(++handles),
    psk: new Uint8Array(32).fill(100 + handles),
    expires: START_S + DAY_S,
    hybrid: true,
    certNotAfter: START_S + 90 * DAY_S,
    fullAt: START_S,
    ...changes,
  }
}

function newFile(): {
  readonly path: string
  readonly clock: ManualClock
  readonly file: ResumptionFile
  readonly entries: () => unknown[]
} {
  const path = join(temporaryFolder(), 'tickets.json')
  const clock = new ManualClock(START_MS)
  const entries = (): unknown[] => JSON.parse(readFileSync(path, 'utf8')) as unknown[]
  return { path, clock, file: new ResumptionFile(path, { clock }), entries }
}

describe('a file of tickets', () => {
  it('is readable by its owner alone and has the fields that are specified', async () => {
    const { path, file, entries } = newFile()
    const held = ticket()
    const psk = toHex(held.psk)
    await file.keep(held)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(entries()).toEqual([
      {
        peer: PEER,
        x: encodeBase32(X),
        handle: toHex(held.handle),
        psk,
        expires: START_S + DAY_S,
        hybrid: true,
        certNotAfter: START_S + 90 * DAY_S,
        fullAt: START_S,
      },
    ])
    expect(held.psk).toEqual(new Uint8Array(32))
  })

  it('gives a ticket once, and it is gone from the disk then', async () => {
    const { file, entries } = newFile()
    const held = ticket()
    await file.keep(held)
    expect((await taken(file))?.handle).toEqual(held.handle)
    expect(entries()).toMatchObject([{ psk: '0'.repeat(64) }])
    expect(await file.take(WANTED)).toBeUndefined()
    expect(entries()).toEqual([])
  })

  it('has a ticket that comes back once, also when it never went', async () => {
    const { file } = newFile()
    const held = ticket()
    await file.keep({ ...held, psk: held.psk.slice() })
    await file.putBack({ ticket: held, deleted: Promise.reject(new Error('the disk is gone')) })
    expect((await taken(file))?.handle).toEqual(held.handle)
    expect(await file.take(WANTED)).toBeUndefined()
  })

  it('gives each of its tickets to one of many who ask at once', async () => {
    const { path, clock, file } = newFile()
    for (let i = 0; i < 3; i++) await file.keep(ticket())
    const askers = Array.from({ length: 8 }, () => taken(new ResumptionFile(path, { clock })))
    const given = (await Promise.all(askers)).flatMap((each) =>
      each === undefined ? [] : toHex(each.handle),
    )
    expect(new Set(given).size).toBe(3)
    expect(given).toHaveLength(3)
  })

  it('gives nothing for another peer or another class of suites, and keeps what it has', async () => {
    const { file, entries } = newFile()
    await file.keep(ticket())
    expect(await file.take({ ...WANTED, peer: CLIENT.peer })).toBeUndefined()
    expect(await file.take({ ...WANTED, hybrid: false })).toBeUndefined()
    expect(entries()).toHaveLength(1)
  })

  it('deletes the tickets of a peer for another key than the one it has now', async () => {
    const { file, entries } = newFile()
    await file.keep(ticket({ x: OTHER_X }))
    await file.keep(ticket({ x: OTHER_X, peer: CLIENT.peer }))
    expect(await file.take(WANTED)).toBeUndefined()
    expect(entries()).toMatchObject([{ peer: CLIENT.peer }])
    await file.forgetOtherKeys(CLIENT.peer, X)
    expect(entries()).toEqual([])
  })

  it('gives no expired ticket and deletes it', async () => {
    const { clock, file, entries } = newFile()
    await file.keep(ticket())
    clock.advance(DAY_S * 1000)
    expect(await file.take(WANTED)).toBeUndefined()
    expect(entries()).toEqual([])
  })

  it('keeps the newest of a peer', async () => {
    const { file, entries } = newFile()
    for (let i = 0; i < 12; i++) await file.keep(ticket({ expires: START_S + 100 + i }))
    expect(entries()).toMatchObject(Array.from({ length: 8 }, (_, i) => ({ expires: START_S + 104 + i })))
    expect((await taken(file))?.expires).toBe(START_S + 111)
  })
})

describe('a ticket that was used', () => {
  it('has left no psk behind, and nothing at all once the file is tidied', async () => {
    const { path, file, entries } = newFile()
    const [first, second] = [ticket(), ticket({ expires: START_S + 5 })]
    const psk = toHex(first.psk)
    await file.keep(first)
    await file.keep({ ...second, psk: new Uint8Array(32).fill(8) })
    const inode = statSync(path).ino
    await taken(file)
    expect(statSync(path).ino).toBe(inode)
    expect(readFileSync(path, 'utf8')).not.toContain(psk)
    await file.tidy()
    expect(entries()).toMatchObject([{ handle: toHex(second.handle) }])
  })
})

describe('the user of a ticket', () => {
  const alice = { peer: CLIENT.peer, x: CLIENT.noise.publicKey }

  it('is the identity that got it, and no other', async () => {
    const { path, clock, file: nobody, entries } = newFile()
    const hers = new ResumptionFile(path, { clock, user: alice })
    const his = new ResumptionFile(path, { clock, user: { peer: PEER, x: X } })
    await hers.keep(ticket())
    expect(await nobody.take(WANTED)).toBeUndefined()
    expect(await his.take(WANTED)).toBeUndefined()
    expect(entries()).toHaveLength(1)
    await nobody.keep(ticket())
    expect(await hers.take(WANTED)).toBeDefined()
    expect(await hers.take(WANTED)).toBeUndefined()
    expect(await nobody.take(WANTED)).toBeDefined()
  })

  it('loses all of them when it rotates its key', async () => {
    const { path, clock, file: nobody, entries } = newFile()
    await new ResumptionFile(path, { clock, user: alice }).keep(ticket())
    await nobody.keep(ticket())
    const rotated = new ResumptionFile(path, { clock, user: { ...alice, x: OTHER_X } })
    expect(await rotated.take(WANTED)).toBeUndefined()
    expect(entries()).toHaveLength(1)
    expect(entries()[0]).not.toHaveProperty('own')
  })
})

describe('a file that is something else', () => {
  const contents = [
    'not JSON',
    '{}',
    '[{}]',
    '[[]]',
    '[1]',
    '[null]',
    `[{"peer":"${PEER}"}]`,
    '\xff',
    '['.repeat(10_000),
  ]

  it.each(contents)('is refused and left alone: %j', async (content) => {
    const { path, file } = newFile()
    writeFileSync(path, content, { mode: 0o600 })
    await expect(file.take(WANTED)).rejects.toMatchObject({ code: 'E_INPUT' })
    expect(readFileSync(path, 'utf8')).toBe(content)
  })

  it('costs a new ticket, not the session', async () => {
    const { path, clock } = newFile()
    writeFileSync(path, 'something else', { mode: 0o600 })
    const errors: Error[] = []
    const file = new ResumptionFile(path, { clock, onError: (error) => errors.push(error) })
    await file.keep(ticket())
    expect(errors).toMatchObject([{ code: 'E_INPUT' }])
    expect(readFileSync(path, 'utf8')).toBe('something else')
  })

  it('is refused when others can read it', async () => {
    const { path, file } = newFile()
    await file.keep(ticket())
    chmodSync(path, 0o644)
    await expect(file.take(WANTED)).rejects.toMatchObject({ code: 'E_INPUT' })
  })
})
