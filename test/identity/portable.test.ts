import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAivError, ManualClock, SeededRandom, toHex, utf8 } from '../../src/lib/core/index.ts'
import {
  createIdentity,
  exportPublic,
  importIdentity,
  portablePublic,
  portableSecret,
  rotateIdentity,
} from '../../src/lib/identity/index.ts'

const random = new SeededRandom(3)
const clock = new ManualClock()
const identity = rotateIdentity(createIdentity(random, clock), random, clock)
const exported = { ...portablePublic(exportPublic(identity)), secret: portableSecret(identity) }

function importJson(value: unknown): unknown {
  return importIdentity(utf8(JSON.stringify(value)), random, clock)
}

const refused = expect.objectContaining({ code: 'E_KEY_FILE' })

describe('an exported identity', () => {
  it('comes back whole, its certificate and the record of the last one included', () => {
    const back = importIdentity(utf8(JSON.stringify(exported)), random, clock)
    expect({ ...portablePublic(exportPublic(back)), secret: portableSecret(back) }).toEqual(exported)
    expect(back.lastNotBefore).toBe(identity.lastNotBefore)
  })

  it('has no secret unless asked for', () => {
    const text = JSON.stringify(portablePublic(exportPublic(identity)))
    for (const secret of Object.values(portableSecret(identity)))
      if (typeof secret === 'string') expect(text).not.toContain(secret)
    expect(() => importJson(portablePublic(exportPublic(identity)))).toThrow('--secret')
  })

  it('with parts of another identity is refused', () => {
    const other = createIdentity(random, clock)
    const { secret, ...shown } = { ...portablePublic(exportPublic(other)), secret: portableSecret(other) }
    for (const [name, value] of Object.entries(shown))
      if (exported[name as keyof typeof exported] !== value)
        expect(() => importJson({ ...exported, [name]: value }), name).toThrow(refused)
    for (const [name, value] of Object.entries(secret))
      if (name !== 'last_not_before')
        expect(
          () => importJson({ ...exported, secret: { ...exported.secret, [name]: value } }),
          name,
        ).toThrow(refused)
    const rolledBack = { ...exported.secret, last_not_before: exported.not_before - 1 }
    expect(() => importJson({ ...exported, secret: rolledBack })).toThrow(refused)
    expect(() => importJson({ ...exported, v: 2 })).toThrow(refused)
    expect(() => importJson({ ...exported, extra: 1 })).toThrow(refused)
  })
})

describe('a raw seed', () => {
  it('in hex of either case, with white space around, keeps its name', () => {
    // RFC 8032 section 7.1, test 1; the peer id is the recorded one of this key.
    const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
    for (const text of [seed, seed.toUpperCase(), ` ${seed}\r\n`])
      expect(importIdentity(utf8(text), random, clock).peer).toBe(
        'ciqcd7rr36qvjitbmjv7qvaen7jcog335vfwvpsfvjmio7xup6lsdoi',
      )
  })

  it('of another length is refused, without being quoted', () => {
    for (const text of [toHex(new Uint8Array(31).fill(0xab)), `${toHex(new Uint8Array(32).fill(0xab))}0`]) {
      expect(() => importIdentity(utf8(text), random, clock)).toThrow(refused)
      expect(() => importIdentity(utf8(text), random, clock)).not.toThrow(/abab/)
    }
  })
})

it('anything else is a typed refusal', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.json().map(utf8)), (bytes) => {
      try {
        importIdentity(bytes, random, clock)
        return false
      } catch (error) {
        return isAivError(error, 'E_KEY_FILE')
      }
    }),
  )
})
