/** Whether the time of an answer tells who brought a ticket, or that there are tickets at all (section 15). */
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../../src/lib/core/index.ts'
import { systemRandom } from '../../../../src/lib/crypto/index.ts'
import {
  type AccessTicketVerifier,
  encodeBase64Url,
  REPLAY_SCHEMA,
} from '../../../../src/lib/htx/ticket/index.ts'
import { openStore, type Store } from '../../../../src/lib/storage/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { kolmogorovSmirnov, rejectedByHolm } from '../../../support/two-sample.ts'
import {
  GRANT_SITE,
  PATH,
  type RunningSite,
  type SiteOptions,
  startSite,
  type TicketChanges,
  UNBOUND,
} from './site.ts'
import { type Ask, type Visitor, type VisitorKind, visit } from './visitors.ts'

/** Of each class. */
const SAMPLES = 500
const WARM_UP = 100
const ALPHA = 0.01
/** More than this between two distributions is a difference, however few samples there were. */
const EFFECT_MOST = 0.2

interface Class {
  readonly name: string
  readonly visitor: Visitor
  readonly ask: () => Ask
  /** Makes the site what it is for this class. */
  readonly prepare: () => void
}

async function sqliteStore(): Promise<Store> {
  const store = await openStore({ path: join(temporaryFolder(), 'replay.db'), schema: REPLAY_SCHEMA })
  onTestFinished(() => store.close())
  return store
}

/** As the listener, but with a shortcut somewhere. */
type Leak = (verifier: AccessTicketVerifier) => AccessTicketVerifier

async function startTimedSite(options: SiteOptions = {}): Promise<RunningSite> {
  return await startSite({ binding: () => UNBOUND, store: await sqliteStore(), ...options })
}

/** Classes of requests that all get the decoy; all texts are of one length. */
async function classesOf(kind: VisitorKind, site: RunningSite): Promise<Class[]> {
  const visitor = await visit(kind, site.port)
  const fitting = (make: () => string): string => {
    for (;;) {
      const text = make()
      if (text.length === 200) return text
    }
  }
  const ticket = (changes: TicketChanges): string =>
    fitting(() => site.ticket(visitor.socket, { isUnbound: true, ...changes }))
  const used = ticket({})
  await visitor.form(used)
  const expired = ticket({ offByMs: -7_200_000 })
  const ofNobody = ticket({ grant: { ...site.grant, ticketKeyId: new Uint8Array(8) } })
  const garbage = (): string => encodeBase64Url(systemRandom.bytes(150))
  const upgrade = (name: string, text: string, target = PATH): Ask => ({
    target,
    isWebSocket: true,
    fields: [['Cookie', `${name}=${text}`]],
  })
  const form = (name: string, text: string): Ask => ({
    method: 'POST',
    target: GRANT_SITE.path,
    fields: [['Content-Type', 'application/x-www-form-urlencoded']],
    body: `${name}=${text}`,
  })
  const { cookieName } = GRANT_SITE
  const asks: readonly (readonly [string, () => Ask])[] = [
    ['no ticket', () => upgrade('other-name', garbage())],
    ['no ticket, elsewhere', () => upgrade('other-name', garbage(), PATH.replace('live', 'dead'))],
    ['garbage', () => upgrade(cookieName, garbage())],
    ['a used ticket', () => upgrade(cookieName, used)],
    ['an expired ticket', () => upgrade(cookieName, expired)],
    ['a ticket of an unknown key', () => upgrade(cookieName, ofNobody)],
    // Forms are compared with forms: reading one takes time.
    ['a form without a ticket', () => form('xyz', garbage())],
    ['a form with garbage', () => form('bn1', garbage())],
    ['a form with a used ticket', () => form('bn1', used)],
    ['a form with an expired ticket', () => form('bn1', expired)],
  ]
  return asks.map(([name, ask]) => ({ name, visitor, ask, prepare: () => {} }))
}

/** Milliseconds of each class, taken in turn so that what the machine does meanwhile meets all alike. */
async function measure(classes: readonly Class[]): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map<string, number[]>(classes.map(({ name }) => [name, []]))
  for (let round = -WARM_UP; round < SAMPLES; round++) {
    // Another order each round: who comes behind whom must not matter.
    const order = classes
      .map((each) => ({ each, at: systemRandom.bytes(4).join('.') }))
      .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    for (const { each } of order) {
      const ask = each.ask()
      each.prepare()
      const start = systemClock.now()
      await each.visitor.see(ask)
      if (round >= 0) times.get(each.name)?.push(systemClock.now() - start)
    }
  }
  return times
}

const isForm = (name: string): boolean => name.startsWith('a form')

/** The pairs that can be told apart, each with the judgement. */
function pairsTold(times: ReadonlyMap<string, readonly number[]>): ReadonlyMap<string, string> {
  const names = [...times.keys()]
  const pairs = names.flatMap((a, i) =>
    names.slice(i + 1).flatMap((b) => (isForm(a) === isForm(b) ? [[a, b] as const] : [])),
  )
  const results = pairs.map(([a, b]) => kolmogorovSmirnov(times.get(a) ?? [], times.get(b) ?? []))
  const rejected = rejectedByHolm(
    results.map(({ p }) => p),
    ALPHA,
  )
  const told = new Map<string, string>()
  for (const [i, { distance, p }] of results.entries())
    if (rejected[i] === true || distance > EFFECT_MOST)
      told.set(pairs[i]?.join(' / ') ?? '', `distance ${distance.toFixed(3)}, p ${p.toPrecision(2)}`)
  return told
}

/** What is told apart in two series: at this level one true hypothesis in a hundred runs would be rejected by one. */
async function toldTwice(classes: readonly Class[]): Promise<string[]> {
  const first = pairsTold(await measure(classes))
  if (first.size === 0) return []
  const second = pairsTold(await measure(classes))
  return [...first].flatMap(([pair, text]) =>
    second.has(pair) ? [`${pair}: ${text}, ${second.get(pair)}`] : [],
  )
}

describe('the time of an answer', () => {
  it.each(['HTTP/1.1', 'HTTP/2'] as const)('over %s tells nothing', { timeout: 120_000 }, async (kind) => {
    // One site that has tickets and has none in turn: of two, one may always be a little faster.
    let hasKeys = true
    const site = await startTimedSite({ hasKeys: () => hasKeys })
    const classes = await classesOf(kind, site)
    const listener = classes.map((each) => ({
      ...each,
      prepare: () => {
        hasKeys = true
      },
    }))
    const mereSite = classes.map((each) => ({
      ...each,
      name: `${each.name}, at a mere site`,
      prepare: () => {
        hasKeys = false
      },
    }))
    expect(await toldTwice([...listener, ...mereSite])).toEqual([])
    expect(site.links).toHaveLength(0)
  })

  const leaks: readonly (readonly [string, Leak])[] = [
    [
      'does nothing for those who bring no ticket',
      (verifier) =>
        shortcut(verifier, async (payload, rest) => (payload === undefined ? 'absent' : await rest())),
    ],
    [
      'leaves out the work for what is no ticket of its own',
      (verifier) => shortcut(verifier, async (payload, _, context) => await verifier.check(payload, context)),
    ],
  ]

  it.each(leaks)('is noticed at a site that %s', { timeout: 120_000 }, async (_, leak) => {
    const site = await startTimedSite({ wrapVerifier: leak })
    const told = await toldTwice(await classesOf('HTTP/1.1', site))
    expect(told.length).toBeGreaterThan(0)
  })
})

type Check = AccessTicketVerifier['checkUniformly']

function shortcut(
  verifier: AccessTicketVerifier,
  check: (
    payload: Parameters<Check>[0],
    rest: () => ReturnType<Check>,
    context: Parameters<Check>[1],
  ) => ReturnType<Check>,
): AccessTicketVerifier {
  return new Proxy(verifier, {
    get: (target, name) => {
      if (name === 'checkUniformly') {
        const replaced: Check = (payload, context) =>
          check(payload, () => target.checkUniformly(payload, context), context)
        return replaced
      }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
