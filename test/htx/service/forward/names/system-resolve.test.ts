/** Names as the system knows them. Judges: getaddrinfo for what the hosts file says, manual pages for its files. */

import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { candidates, parseSearchList } from '../../../../../src/lib/htx/service/forward/names/search-list.ts'
import { parseHosts } from '../../../../../src/lib/htx/service/forward/names/system-files.ts'
import {
  resolveFrom,
  systemResolve,
} from '../../../../../src/lib/htx/service/forward/names/system-resolve.ts'
import { until } from '../../../endpoint/endpoints.ts'
import { nameServer } from './name-server.ts'

const { signal } = new AbortController()

async function codeOf(name: string): Promise<unknown> {
  return await systemResolve(name, signal).then(
    () => 'found',
    (error: NodeJS.ErrnoException) => error.code,
  )
}

describe('the system', () => {
  it.each(['localhost', 'LOCALHOST'])('knows %s as getaddrinfo does', async (name) => {
    const judged = await lookup(name, { all: true, family: 4 })
    const found = await systemResolve(name, signal)
    for (const { address } of judged) expect(found).toContain(address)
    for (const address of found) expect(['127.0.0.1', '::1']).toContain(address)
  })

  it('knows its own name as getaddrinfo does, where the hosts file has it', async (context) => {
    const line = new RegExp(`^[^#\\n]*\\s${hostname()}(?:\\s|$)`, 'm')
    if (!line.test(readFileSync('/etc/hosts', 'utf8'))) {
      context.skip(`the hosts file does not name ${hostname()}`)
      return
    }
    const judged = await lookup(hostname(), { all: true })
    const found = [...(await systemResolve(hostname(), signal))].sort()
    expect(found).toEqual(judged.map(({ address }) => address).sort())
  })

  it('asks nobody for names below localhost (RFC 6761)', async () => {
    for (const name of ['app.localhost', 'App.LocalHost.'])
      expect(await systemResolve(name, signal)).toEqual(['127.0.0.1', '::1'])
  })

  it.each([
    'secret.onion',
    'a b',
    'a..b',
    '',
    '.',
    'x'.repeat(64),
    '*.example.org',
    'a\\046b.example',
    '1:2',
  ])('asks nobody for "%s"', async (name) => {
    expect(await codeOf(name)).toBe('ENOTFOUND')
  })

  it('looks nothing up when nobody waits', async () => {
    const over = new AbortController()
    over.abort(new Error('given up'))
    await expect(systemResolve('some.example', over.signal)).rejects.toThrow('given up')
  })
})

describe('a name server', () => {
  const V6 = '20010db8000000000000000000000001'
  const RECORDS = {
    'both.example A': ['c0000201', 'c0000202'],
    'both.example AAAA': [V6],
    'four.example A': ['c0000203'],
    'db.corp.example AAAA': [V6],
  }

  function from(servers: readonly string[]) {
    const hosts = async () => parseHosts('192.0.2.99 both.test\n')
    const searchList = async () => ({ domains: ['corp.example'], ndots: 1 })
    return resolveFrom({ hosts, searchList, servers })
  }

  it('gives the addresses of both kinds', async () => {
    const { address } = await nameServer(RECORDS)
    const resolve = from([address])
    const found = await resolve('both.example', signal)
    expect([...found].sort()).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1'])
    expect(await resolve('Four.Example', signal)).toEqual(['192.0.2.3'])
  })

  it('is asked from another port for each name, and never for what the hosts file says', async () => {
    const { address, asked, ports } = await nameServer(RECORDS)
    const resolve = from([address])
    expect(await resolve('both.test', signal)).toEqual(['192.0.2.99'])
    expect(asked).toEqual([])
    for (let i = 0; i < 5; i++) await resolve('four.example', signal)
    expect(ports.size).toBeGreaterThanOrEqual(5)
  })

  it('is asked for short names in the domains of the search list', async () => {
    const { address, asked } = await nameServer(RECORDS)
    expect(await from([address])('db', signal)).toEqual(['2001:db8::1'])
    expect(asked.sort()).toEqual(['db.corp.example A', 'db.corp.example AAAA'])
  })

  it('says that a name does not exist', async () => {
    const { address, asked } = await nameServer(RECORDS)
    await expect(from([address])('none.example', signal)).rejects.toMatchObject({ code: 'ENOTFOUND' })
    expect(new Set(asked.map((question) => question.split(' ')[0]))).toEqual(
      new Set(['none.example', 'none.example.corp.example']),
    )
  })

  it('that does not answer is called off', async () => {
    const { address, asked } = await nameServer(RECORDS)
    const over = new AbortController()
    const found = from([address])('slow.example', over.signal)
    await until(() => asked.length === 2, 'the questions')
    over.abort()
    await expect(found).rejects.toMatchObject({ code: 'ECANCELLED' })
  })
})

describe('the hosts file', () => {
  it('gives every address of a name, in order (hosts(5))', () => {
    const hosts = parseHosts(
      '# 10.0.0.1 commented\n127.0.0.1\tlocalhost\n::1  localhost ip6-localhost # 10.0.0.2 also\n' +
        '192.0.2.1 Mail.Example.org mail\r\n192.0.2.1 mail\nnonsense here\n\n',
    )
    expect([...hosts]).toEqual([
      ['localhost', ['127.0.0.1', '::1']],
      ['ip6-localhost', ['::1']],
      ['mail.example.org', ['192.0.2.1']],
      ['mail', ['192.0.2.1']],
    ])
  })
})

describe('the search list', () => {
  it.each([
    ['', 'host', [], 1],
    ['', 'host.corp.example', ['corp.example'], 1],
    [
      'nameserver 10.0.0.1\nsearch a.example B.example.\n',
      'host.corp.example',
      ['a.example', 'b.example'],
      1,
    ],
    ['domain a.example b.example', 'host', ['a.example'], 1],
    ['search a.example\ndomain b.example', 'host', ['b.example'], 1],
    ['search a b c d e f g', 'host', ['a', 'b', 'c', 'd', 'e', 'f'], 1],
    ['search .', 'host.corp.example', [], 1],
    ['options timeout:1 ndots:5 edns0', 'host', [], 5],
    ['options ndots:99', 'host', [], 15],
  ])('%j of %s is read as resolv.conf(5) has it', (text, host, domains, ndots) => {
    expect(parseSearchList(text, host)).toEqual({ domains, ndots })
  })

  it.each([
    ['db', 1, ['db.corp.example', 'db.lan', 'db']],
    ['db.east', 1, ['db.east', 'db.east.corp.example', 'db.east.lan']],
    ['db.east', 2, ['db.east.corp.example', 'db.east.lan', 'db.east']],
    ['db.', 1, ['db']],
  ])('makes of %s with ndots %i: %j', (name, ndots, expected) => {
    expect(candidates(name, { domains: ['corp.example', 'lan'], ndots })).toEqual(expected)
  })
})
