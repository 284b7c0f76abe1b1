/** Lookups with name servers that fail in part. Judge of the search list: resolv.conf(5) and the C library's resolver. */
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../../src/lib/core/index.ts'
import { resolveFrom } from '../../../../../src/lib/htx/service/forward/names/system-resolve.ts'
import { turns, until } from '../../../endpoint/endpoints.ts'
import { type NameServer, nameServer } from './name-server.ts'

const V6 = '20010db8000000000000000000000001'
const RECORDS = { 'both.example A': ['c0000201'], 'both.example AAAA': [V6] }
const CLUSTER = { domains: ['a.cluster.test', 'b.cluster.test', 'cluster.test'], ndots: 5 }

interface LookupOptions {
  readonly searchList?: { readonly domains: readonly string[]; readonly ndots: number }
  readonly clock?: ManualClock
  readonly hasPublicV6?: boolean
}

async function lookUp(
  name: string,
  servers: readonly NameServer[],
  { searchList = { domains: [], ndots: 1 }, clock, hasPublicV6 = true }: LookupOptions = {},
): Promise<readonly string[]> {
  const resolve = resolveFrom({
    hosts: async () => new Map(),
    searchList: async () => searchList,
    servers: servers.map(({ address }) => address),
    clock,
    hasPublicV6: () => hasPublicV6,
  })
  return await resolve(name, AbortSignal.timeout(9_000))
}

const silentFor =
  (type: string) =>
  (question: string): 'silence' | undefined =>
    question.endsWith(` ${type}`) ? 'silence' : undefined

describe('a name that has addresses of one kind', () => {
  it.each([
    ['AAAA', true, 300, ['192.0.2.1']],
    ['AAAA', false, 300, ['192.0.2.1']],
    ['A', true, 300, ['2001:db8::1']],
    ['A', false, 3_000, ['2001:db8::1']],
  ])(
    'and no answer for %s, on a machine with IPv6: %s, has these after %i ms',
    async (type, hasPublicV6, ms, expected) => {
      const clock = new ManualClock()
      const server = await nameServer(RECORDS, silentFor(type))
      let found: readonly string[] | undefined
      const looking = lookUp('both.example', [server], { clock, hasPublicV6 }).then((addresses) => {
        found = addresses
      })
      await until(() => clock.nextTimerAt() !== undefined, 'the answer')
      clock.advance(ms - 1)
      await turns(20)
      expect(found).toBeUndefined()
      clock.advance(1)
      await looking
      expect(found).toEqual(expected)
    },
  )

  it('is waited for in the search list no longer than where it exists', async () => {
    const clock = new ManualClock()
    const server = await nameServer(RECORDS, silentFor('AAAA'))
    const looking = lookUp('both.example', [server], { clock, searchList: CLUSTER })
    for (let i = 0; i < 4; i++) {
      await until(() => clock.nextTimerAt() !== undefined, 'the answer')
      clock.advance(300)
    }
    expect(await looking).toEqual(['192.0.2.1'])
    expect(clock.nextTimerAt()).toBeUndefined()
  })

  it('keeps no timer when the other kind has answered, too', async () => {
    const clock = new ManualClock()
    const server = await nameServer(RECORDS)
    expect(await lookUp('both.example', [server], { clock })).toEqual(['2001:db8::1', '192.0.2.1'])
    expect(clock.nextTimerAt()).toBeUndefined()
  })
})

describe('a name server', () => {
  it('that is dead is waited for once in a lookup, however long the search list is', async () => {
    const dead = await nameServer({}, () => 'silence')
    const alive = await nameServer(RECORDS)
    const found = await lookUp('both.example', [dead, alive], { searchList: CLUSTER })
    expect(found).toEqual(['2001:db8::1', '192.0.2.1'])
    // Both kinds for the first candidate; by then it is known to be dead.
    expect(dead.asked).toHaveLength(2)
    expect(alive.asked).toHaveLength(8)
  })

  it('that says no fast still has time for what takes it long', async () => {
    const server = await nameServer(RECORDS, (question) =>
      question.startsWith('both.example ') ? 1_500 : undefined,
    )
    const found = await lookUp('both.example', [server], { searchList: CLUSTER })
    expect(found).toEqual(['2001:db8::1', '192.0.2.1'])
  })

  it('that fails for a domain of the search list is asked for the others', async () => {
    const server = await nameServer(RECORDS, (question) =>
      question.includes('.cluster.test ') ? 'failure' : undefined,
    )
    const found = await lookUp('both.example', [server], { searchList: CLUSTER })
    expect(found).toEqual(['2001:db8::1', '192.0.2.1'])
  })

  it.each([
    'onion',
    'Onion.',
    'secret.onion',
    'secret.onion\u3002',
    'secret.\uff4fnion',
    // What is mapped to ASCII digits; full-width 2130706433 is 127.0.0.1.
    '\uff12\uff11\uff13\uff10\uff17\uff10\uff16\uff14\uff13\uff13',
    '\uff11\uff12\uff17.1',
    '127.1',
    // What the mapping to ASCII would cut off.
    'both.example/x',
    'both.example\\x',
    'both.example?x',
    'both.example#x',
    'both.example:80',
    'x@both.example',
    '[::1]',
  ])('is never asked for "%s"', async (name) => {
    const server = await nameServer(RECORDS)
    await expect(lookUp(name, [server], { searchList: CLUSTER })).rejects.toMatchObject({ code: 'ENOTFOUND' })
    expect(server.asked).toEqual([])
  })

  it('is asked for names in other scripts in their ASCII form (RFC 5891)', async () => {
    const server = await nameServer({ 'xn--bcher-kva.example A': ['c0000201'] })
    expect(await lookUp('B\u00fccher\u3002example', [server])).toEqual(['192.0.2.1'])
  })

  it.each([
    ['a.cluster.test', 'ESERVFAIL'],
    ['cluster.test', 'ESERVFAIL'],
    ['elsewhere.test', 'ENOTFOUND'],
  ])('that fails for %s leaves a name that nobody has found with %s', async (domain, code) => {
    const server = await nameServer({}, (question) =>
      question.startsWith(`none.example.${domain} `) ? 'failure' : undefined,
    )
    await expect(lookUp('none.example', [server], { searchList: CLUSTER })).rejects.toMatchObject({ code })
  })
})
