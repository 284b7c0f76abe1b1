import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock, utf8 } from '../../../src/lib/core/index.ts'
import { ed25519 } from '../../../src/lib/crypto/index.ts'
import { bodyRoom, encodePayload } from '../../../src/lib/mix/message/index.ts'
import {
  decodeFetchAnswer,
  encodeFetchRequest,
  FETCH_SERVICE,
  MAILBOX_LIMITS,
  MAILBOX_SCHEMA,
  Mailboxes,
  mailboxBodyRoom,
  mailboxOf,
  nameOfBody,
  namesRoom,
  PING_SERVICE,
  Provider,
  type Served,
} from '../../../src/lib/mix/provider/index.ts'
import { makeGeometry } from '../../../src/lib/sphinx/index.ts'
import { openMemoryStore } from '../../../src/lib/storage/index.ts'

const GEOMETRY = makeGeometry()
const ID = new Uint8Array(32).fill(9)
const SURB = new Uint8Array(GEOMETRY.surbBytes).fill(5)
const OWNER = ed25519.fromSeed(new Uint8Array(32).fill(3))
const MAILBOX = mailboxOf(OWNER.publicKey)

async function open(limits = MAILBOX_LIMITS) {
  const store = await openMemoryStore(MAILBOX_SCHEMA)
  const provider = new Provider(ID, GEOMETRY, await Mailboxes.open(store, new ManualClock(), limits))
  const serve = (recipient: Uint8Array, body: Uint8Array, surb: Uint8Array | null = SURB) =>
    provider.serve(recipient, encodePayload(GEOMETRY, { surb: surb ?? undefined, body }))
  const fetch = (names: readonly Uint8Array[] = [], key = OWNER, id = ID): Promise<Served> =>
    serve(FETCH_SERVICE, encodeFetchRequest(key, id, names))
  return { provider, store, serve, fetch }
}

const answerOf = ({ answer }: Served) => answer && decodeFetchAnswer(answer.body)

describe('a provider', () => {
  it('answers a probe by its reply block with the same body', async () => {
    const { serve } = await open()
    expect(await serve(PING_SERVICE, utf8('1234'))).toEqual({ answer: { surb: SURB, body: utf8('1234') } })
    expect(await serve(PING_SERVICE, utf8('1234'), null)).toEqual({})
  })

  it('acknowledges a body that it keeps, and gives it to the owner of the mailbox', async () => {
    const { serve, fetch } = await open()
    expect(await serve(MAILBOX, utf8('hello'))).toEqual({ answer: { surb: SURB, body: new Uint8Array() } })
    expect(answerOf(await fetch())).toEqual({ kind: 'body', body: utf8('hello'), remaining: 0 })
    expect(answerOf(await fetch([nameOfBody(utf8('hello'))]))).toEqual({ kind: 'nothing' })
  })

  it('does not acknowledge what it cannot keep', async () => {
    const { serve } = await open({ ...MAILBOX_LIMITS, maxBodies: 0 })
    expect(await serve(MAILBOX, utf8('hello'))).toEqual({ dropped: 'mailbox_full' })
    const closed = await open()
    await closed.store.close()
    expect(await closed.serve(MAILBOX, utf8('hello'))).toEqual({ dropped: 'store_failed' })
  })

  it('gives nothing to others, to requests for another provider, nor to ones that were changed', async () => {
    const { serve, fetch } = await open()
    await serve(MAILBOX, utf8('hello'))
    const stranger = ed25519.fromSeed(new Uint8Array(32).fill(4))
    expect(answerOf(await fetch([], stranger))).toEqual({ kind: 'nothing' })
    expect(await fetch([], OWNER, new Uint8Array(32))).toEqual({ dropped: 'bad_request' })
    const request = encodeFetchRequest(OWNER, ID, [nameOfBody(utf8('hello'))])
    for (let at = 0; at < request.length; at += 1) {
      const changed = request.slice()
      changed[at] = (changed[at] as number) ^ 1
      expect(await serve(FETCH_SERVICE, changed)).toEqual({ dropped: 'bad_request' })
    }
    expect(answerOf(await fetch())).toMatchObject({ kind: 'body' })
  })

  it('takes what an answer has room for, and nothing longer', async () => {
    const { serve, fetch } = await open()
    const room = bodyRoom(GEOMETRY)
    expect(await serve(MAILBOX, new Uint8Array(room), null)).toEqual({ dropped: 'body_too_large' })
    const longest = new Uint8Array(mailboxBodyRoom(GEOMETRY)).fill(1)
    expect(await serve(MAILBOX, longest, null)).toEqual({})
    const { answer } = await fetch()
    expect(() => encodePayload(GEOMETRY, { body: answer?.body ?? expect.fail() })).not.toThrow()
  })

  it('says what is wrong with anything else, and never throws', async () => {
    const { provider } = await open()
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 64 }),
        fc.constantFrom(PING_SERVICE, FETCH_SERVICE, MAILBOX),
        async (head, recipient) => {
          const payload = new Uint8Array(GEOMETRY.payloadBytes)
          payload.set(head)
          await provider.serve(recipient, payload)
        },
      ),
    )
    expect(await provider.serve(MAILBOX, new Uint8Array(3))).toEqual({ dropped: 'malformed_payload' })
  })
})

describe('a request for bodies', () => {
  it('names as many as there is room for', () => {
    const room = namesRoom(bodyRoom(GEOMETRY))
    const names = Array.from({ length: room }, (_, i) => new Uint8Array(16).fill(i))
    expect(encodeFetchRequest(OWNER, ID, names).length).toBeLessThanOrEqual(bodyRoom(GEOMETRY))
    expect(room).toBeGreaterThan(50)
    expect(namesRoom(10)).toBe(0)
    expect(() => encodeFetchRequest(OWNER, ID, new Array<Uint8Array>(256).fill(ID.subarray(16)))).toThrow(
      expect.objectContaining({ code: 'E_TOO_LARGE' }),
    )
  })

  it('has an answer of no other form than ours', () => {
    for (const bad of [[], [0, 1], [1, 0, 0, 0], [2, 0, 0, 0, 0]])
      expect(decodeFetchAnswer(Uint8Array.from(bad))).toBeUndefined()
  })
})
