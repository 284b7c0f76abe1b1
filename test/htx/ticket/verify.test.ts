import { ED25519_TORSION_SUBGROUP, ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, ManualClock, toHex } from '../../../src/lib/core/index.ts'
import {
  decodeBase64Url,
  encodeBase64Url,
  examineTicket,
  replayTag,
  type TicketVersion,
} from '../../../src/lib/htx/ticket/index.ts'
import { from, HOUR_MS, HOUR_START_MS, ticketFor, ticketOffice, UNBOUND } from './tickets.ts'

const P = 2n ** 255n - 19n

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function bytesOf(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
}

const invert = (value: bigint): bigint => {
  let [result, base] = [1n, ((value % P) + P) % P]
  for (let exponent = P - 2n; exponent > 0n; exponent >>= 1n, base = (base * base) % P)
    if ((exponent & 1n) === 1n) result = (result * base) % P
  return result
}

/** The u-coordinate of the sum of this point and a point of order 2, 4 or 8, through the Edwards form (RFC 7748). */
function plusSmallOrder(u: Uint8Array, torsion: string): Uint8Array {
  const value = littleEndian(u)
  const y = ((value - 1n + P) * invert(value + 1n)) % P
  const sum = ed25519.Point.fromBytes(bytesOf(y), true).add(ed25519.Point.fromHex(torsion, true)).toAffine()
  return bytesOf(((1n + sum.y) * invert(1n - sum.y + P)) % P)
}

function withClientPublic(ticket: Uint8Array, u: Uint8Array): Uint8Array {
  return concat(ticket.subarray(0, 1), u, ticket.subarray(33))
}

describe('a ticket', () => {
  it.each([
    ['of this very second', 0, 'accepted'],
    ['of the hour before', -HOUR_MS, 'accepted'],
    ['of the hour after', HOUR_MS, 'accepted'],
    ['of two hours before', -2 * HOUR_MS, 'not-genuine'],
    ['of two hours after', 2 * HOUR_MS, 'not-genuine'],
  ] as const)('%s gets its answer', async (_, offByMs, outcome) => {
    const { verifier, ticket } = await ticketOffice()
    expect(await verifier.check(ticket(offByMs), from('a'))).toBe(outcome)
  })

  it('made at 59:59 is good at 00:00 and until the end of the next hour, not later', async () => {
    const outcomes: string[] = []
    for (const laterMs of [1000, 1000 + HOUR_MS - 1, 1000 + HOUR_MS]) {
      const clock = new ManualClock(HOUR_START_MS - 1000)
      const { verifier, ticket } = await ticketOffice({ clock })
      const made = ticket()
      clock.advance(laterMs)
      outcomes.push(await verifier.check(made, from('a')))
    }
    expect(outcomes).toEqual(['accepted', 'accepted', 'not-genuine'])
  })

  it.each([
    [23, 'malformed'],
    [24, 'accepted'],
    [64, 'accepted'],
    [65, 'malformed'],
  ] as const)('with %i bytes of padding gets its answer', async (padding, outcome) => {
    const { verifier, ticket } = await ticketOffice()
    const whole = concat(ticket().subarray(0, 105), new Uint8Array(padding).fill(0xa5))
    expect(await verifier.check(whole, from('a'))).toBe(outcome)
  })

  it('is refused with the same key spelled another way', async () => {
    const { key, clock, ticket } = await ticketOffice()
    const judge = (payload: Uint8Array): unknown =>
      examineTicket(payload, [key], clock.wallMs() / 1000, { binding: UNBOUND, versions: [1, 2] })
    const made = ticket()
    const bit255 = made.slice()
    bit255[32] = (bit255[32] as number) | 0x80
    expect(typeof judge(made)).toBe('object')
    expect(judge(bit255)).toBe('malformed')
    // Only u below 19 has a second spelling u + p within 255 bits.
    for (let u = 0n; u < 19n; u++) {
      expect(judge(withClientPublic(made, bytesOf(u + P))), `${u} + p`).toBe('malformed')
    }
    expect(judge(withClientPublic(made, bytesOf(P - 1n)))).toBe('not-genuine')
    expect(judge(withClientPublic(made, bytesOf(2n ** 255n - 2n ** 248n)))).toBe('not-genuine')
  })

  it('is the same ticket with a point of small order added to its key', async () => {
    const { verifier, ticket } = await ticketOffice()
    const made = ticket()
    const others = ED25519_TORSION_SUBGROUP.slice(1).map((torsion) =>
      withClientPublic(made, plusSmallOrder(made.subarray(1, 33), torsion)),
    )
    const first = others.pop() as Uint8Array
    expect(Buffer.compare(first, made)).not.toBe(0)
    expect(await verifier.check(first, from('a'))).toBe('accepted')
    for (const other of [...others, made]) expect(await verifier.check(other, from('a'))).toBe('replayed')
  })

  it('is refused with a key of small order, whatever it claims', async () => {
    const { verifier, ticket } = await ticketOffice()
    for (const u of [
      0n,
      1n,
      P - 1n,
      325606250916557431795983626356110631294008115727848805560023387167927233504n,
    ]) {
      expect(await verifier.check(withClientPublic(ticket(), bytesOf(u)), from('a'))).toBe('not-genuine')
    }
  })

  it('is refused with any changed bit before its padding, and only there', async () => {
    const { key, clock, ticket } = await ticketOffice()
    const made = ticket()
    for (let bit = 0; bit < made.length * 8; bit++) {
      const changed = made.slice()
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      const at = bit >> 3
      const judged = examineTicket(changed, [key], clock.wallMs() / 1000, { binding: UNBOUND, versions: [1] })
      // In version 1 the nonce goes into nothing.
      const matters = at < 41 || (at >= 73 && at < 105)
      expect(typeof judged, `bit ${bit}`).toBe(matters ? 'string' : 'object')
    }
  })

  it('of version 2 is tied to its nonce, the server and the outer connection', async () => {
    const office = await ticketOffice({ policyText: 'BN-Ticket: v2; carriers=cookie:1; len=24..64' })
    const { key, clock } = office
    const made = office.ticket()
    const judge = (
      payload: Uint8Array,
      binding = UNBOUND,
      versions: readonly TicketVersion[] = [2],
    ): unknown => examineTicket(payload, [key], clock.wallMs() / 1000, { binding, versions })
    expect([made[0], typeof judge(made)]).toEqual([2, 'object'])
    const nonce = made.slice()
    nonce[50] = (nonce[50] as number) ^ 1
    expect(judge(nonce)).toBe('not-genuine')
    expect(judge(made, { ...UNBOUND, serverStatic: new Uint8Array(32) })).toBe('not-genuine')
    expect(judge(made, { ...UNBOUND, bind32: new Uint8Array(32).fill(1) })).toBe('not-genuine')
    expect(judge(made, UNBOUND, [1])).toBe('malformed')
  })

  it('is refused when its key is unknown, not valid yet or expired', async () => {
    const { key, clock, ticket } = await ticketOffice()
    const now = clock.wallMs() / 1000
    const judge = (changes: Partial<typeof key>): unknown =>
      examineTicket(ticket(), [{ ...key, ...changes }], now, { binding: UNBOUND, versions: [1] })
    expect(judge({ id: new Uint8Array(8) })).toBe('unknown-key')
    expect(judge({ notBefore: now + 1 })).toBe('unknown-key')
    expect(judge({ notAfter: now })).toBe('unknown-key')
    expect(typeof judge({ notBefore: now, notAfter: now + 1 })).toBe('object')
  })

  it('that is missing is refused', async () => {
    const { verifier } = await ticketOffice()
    expect(await verifier.check(undefined, from('a'))).toBe('malformed')
    expect(await verifier.check(new Uint8Array(0), from('a'))).toBe('malformed')
  })

  it('never repeats anything but its key id, and varies in length from 129 to 169', async () => {
    const { ticket } = await ticketOffice()
    const tickets = Array.from({ length: 2000 }, () => ticket())
    const distinct = (start: number, end: number): number =>
      new Set(tickets.map((one) => Buffer.from(one.subarray(start, end)).toString('hex'))).size
    expect([distinct(0, 1), distinct(33, 41)]).toEqual([1, 1])
    expect([distinct(1, 33), distinct(41, 73), distinct(73, 105), distinct(105, 129)]).toEqual(
      Array(4).fill(2000),
    )
    expect(new Set(tickets.map(({ length }) => length))).toEqual(
      new Set(Array.from({ length: 41 }, (_, i) => 129 + i)),
    )
  })
})

describe('what is remembered of a ticket', () => {
  it('is the start of SHA-256 over key id and shared secret, for the published vector too', () => {
    const shared = fromHex('9e004098efc091d4ec2663b4e9f5cfd4d7064571690b4bea97ab146ab9f35056')
    expect(toHex(replayTag(fromHex('0102030405060708'), shared))).toBe('4676b92e6a0fe24a8bc87f0b6db4504e')
  })
})

describe('the text of a ticket', () => {
  it('has one spelling: no "=", no other alphabet, nothing behind the last bit', async () => {
    const { ticket } = await ticketOffice()
    let made = ticket()
    while (made.length % 3 !== 1) made = ticket()
    const text = encodeBase64Url(made)
    expect(decodeBase64Url(text)).toEqual(made)
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const bumped = last[last.indexOf(text.at(-1) as string) + 1] as string
    for (const bad of [
      `${text}==`,
      `${text}=`,
      ` ${text}`,
      `${text}\n`,
      `${text.slice(0, -1)}${bumped}`,
      `${text}AAA`,
      '+/',
      '',
    ]) {
      expect(() => decodeBase64Url(bad), JSON.stringify(bad)).toThrow(
        expect.objectContaining({ code: 'E_MALFORMED' }),
      )
    }
  })
})

describe('a grant', () => {
  it('that has expired makes no ticket', async () => {
    const { grant, clock } = await ticketOffice()
    const ended = { ...grant, notAfter: clock.wallMs() / 1000 }
    expect(() => ticketFor(ended, clock)).toThrow(expect.objectContaining({ code: 'E_TICKET_EXPIRED' }))
  })

  it('with a key of small order makes no ticket', async () => {
    const { grant, clock } = await ticketOffice()
    const low = { ...grant, ticketPub: new Uint8Array(32) }
    expect(() => ticketFor(low, clock)).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
  })
})

describe('the rate of tickets', () => {
  const rates = {
    prefix: { capacity: 30, refillPerSecond: 0.5 },
    global: { capacity: 1000, refillPerSecond: 200 },
    prefixes: 65_536,
  }

  it('is bounded for each prefix: 30 at once, one more every two seconds', async () => {
    const { verifier, ticket, clock } = await ticketOffice({ rates })
    for (let i = 0; i < 30; i++) expect(await verifier.check(ticket(), from('a'))).toBe('accepted')
    expect(await verifier.check(ticket(), from('a'))).toBe('rate-limited')
    expect(await verifier.check(ticket(), from('b'))).toBe('accepted')
    clock.advance(2000)
    expect(await verifier.check(ticket(), from('a'))).toBe('accepted')
    expect(await verifier.check(ticket(), from('a'))).toBe('rate-limited')
  })

  it('is bounded for all together: 1,000 at once, 200 more each second', async () => {
    const { verifier, ticket, clock } = await ticketOffice({ rates })
    for (let i = 0; i < 1000; i++) {
      expect(await verifier.check(undefined, from(`p${i}`))).toBe('malformed')
    }
    expect(await verifier.check(ticket(), from('late'))).toBe('rate-limited')
    clock.advance(1000)
    for (let i = 0; i < 200; i++) expect(await verifier.check(ticket(), from(`q${i}`))).toBe('accepted')
    expect(await verifier.check(ticket(), from('later'))).toBe('rate-limited')
  })

  it('of one prefix takes nothing from the others once its own is used up', async () => {
    const { verifier, ticket } = await ticketOffice({ rates })
    for (let i = 0; i < 5000; i++) await verifier.check(undefined, from('flood'))
    expect(await verifier.check(ticket(), from('other'))).toBe('accepted')
  })

  it('a ticket refused by it is not used up', async () => {
    const { verifier, ticket, clock } = await ticketOffice({ rates })
    for (let i = 0; i < 30; i++) await verifier.check(undefined, from('a'))
    const made = ticket()
    expect(await verifier.check(made, from('a'))).toBe('rate-limited')
    clock.advance(2000)
    expect(await verifier.check(made, from('a'))).toBe('accepted')
  })
})
