/** Whole directories, both ways. */
import { mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CborMap, encodeCbor } from '../../../../src/lib/core/index.ts'
import { refusal } from '../../../../src/lib/htx/service/accept-service.ts'
import {
  expandLocal,
  expandRemote,
  getTree,
  listFiles,
  putFile,
  putTree,
} from '../../../../src/lib/htx/service/file/index.ts'
import { FileExchange, failureOf } from '../../../support/file-exchange.ts'
import { hostileServer, itemOf } from '../../../support/raw-file-peer.ts'

const FILES = { 'a.txt': 'a', 'sub/b.txt': 'bb', 'sub/deep/c.txt': 'ccc', zz: '' }

function filled(folder: 'here' | 'served', below = ''): FileExchange {
  const exchange = new FileExchange()
  for (const [name, text] of Object.entries(FILES)) exchange.write(folder, join(below, name), text)
  mkdirSync(join(exchange[folder], below, 'empty'), { recursive: true })
  return exchange
}

function notes(): { skipped: string[]; onSkipped: (path: string, reason: string) => void } {
  const skipped: string[] = []
  return { skipped, onSkipped: (path, reason) => void skipped.push(`${path}: ${reason}`) }
}

describe('a directory that is sent', () => {
  it('arrives with its files and their levels', async () => {
    const exchange = filled('here', 'photos')
    const outcomes = await putTree(exchange.connect().client, join(exchange.here, 'photos'))
    expect(outcomes.every(({ ok }) => ok)).toBe(true)
    expect(exchange.tree('inbox')).toEqual([
      'photos',
      'photos/a.txt',
      'photos/sub',
      'photos/sub/b.txt',
      'photos/sub/deep',
      'photos/sub/deep/c.txt',
      'photos/zz',
    ])
    expect(Buffer.from(exchange.read('inbox', 'photos/sub/deep/c.txt')).toString()).toBe('ccc')
  })

  it('arrives under another name, or under none', async () => {
    const exchange = filled('here')
    await putTree(exchange.connect().client, exchange.here, { as: 'x/y' })
    await putTree(exchange.connect().client, exchange.here, { as: '' })
    expect(exchange.has('inbox', 'x/y/sub/b.txt')).toBe(true)
    expect(exchange.has('inbox', 'sub/b.txt')).toBe(true)
  })

  it('may be a single file', async () => {
    const exchange = filled('here')
    const outcomes = await putTree(exchange.connect().client, join(exchange.here, 'a.txt'))
    expect(outcomes).toMatchObject([{ ok: true, result: { name: 'a.txt', size: 1 } }])
  })

  it('leaves out links and what has no place there, and says so', async () => {
    const exchange = filled('here')
    symlinkSync('/etc/passwd', join(exchange.here, 'sub', 'link'))
    symlinkSync('/etc', join(exchange.here, 'folder-link'))
    exchange.write('here', 'back\\slash', '')
    exchange.write('here', 'sub/old.0123456789abcdef.part', '')
    const { skipped, onSkipped } = notes()
    const files = await expandLocal(exchange.here, { as: 'x', onSkipped })
    expect(files.map(({ name, size }) => [name, size])).toEqual([
      ['x/a.txt', 1],
      ['x/sub/b.txt', 2],
      ['x/sub/deep/c.txt', 3],
      ['x/zz', 0],
    ])
    expect(skipped.sort()).toEqual([
      'back\\slash: the file name holds a backslash',
      'folder-link: a symbolic link',
      'sub/link: a symbolic link',
      'sub/old.0123456789abcdef.part: the file name is that of an unfinished transfer',
    ])
  })

  it('goes over the wire in NFC, each name once', async () => {
    const exchange = new FileExchange()
    exchange.write('here', 'cafe\u0301', 'one')
    const sent = await expandLocal(exchange.here, { as: '' })
    expect(sent.map(({ name }) => name)).toEqual(['caf\u00e9'])
    await putFile(exchange.connect().client, sent[0] as (typeof sent)[number])
    expect(Buffer.from(exchange.read('inbox', 'caf\u00e9')).toString()).toBe('one')
    exchange.write('here', 'caf\u00e9', 'two')
    const { skipped, onSkipped } = notes()
    expect(await expandLocal(exchange.here, { as: '', onSkipped })).toHaveLength(1)
    expect(skipped).toEqual(['caf\u00e9: the same name as another file in Unicode NFC'])
  })

  it('gives nothing from outside when a link takes the place of a file before it is opened', async () => {
    const exchange = filled('here')
    const files = await expandLocal(exchange.here, { as: '' })
    unlinkSync(join(exchange.here, 'a.txt'))
    symlinkSync('/etc/passwd', join(exchange.here, 'a.txt'))
    const { client } = exchange.connect()
    const [first] = files
    expect(first?.name).toBe('a.txt')
    expect(await failureOf(putFile(client, first as (typeof files)[number]))).toMatch(
      /^E_FILE_PATH: .*symbolic link/,
    )
    expect(exchange.tree('inbox')).toEqual([])
  })

  it('may hold so many files and no more', async () => {
    const exchange = filled('here')
    expect(await expandLocal(exchange.here, { maxFiles: 4 })).toHaveLength(4)
    expect(await failureOf(expandLocal(exchange.here, { maxFiles: 3 }))).toMatch(/^E_TOO_LARGE: /)
  })

  it('deeper than a name can be is left out from there', async () => {
    const exchange = new FileExchange()
    exchange.write('here', `${'d/'.repeat(31)}fits`, '')
    exchange.write('here', `${'d/'.repeat(32)}deep`, '')
    const { skipped, onSkipped } = notes()
    const files = await expandLocal(exchange.here, { as: '', onSkipped })
    expect(files.map(({ name }) => name)).toEqual([`${'d/'.repeat(31)}fits`])
    expect(skipped).toEqual([`${'d/'.repeat(32).slice(0, -1)}/deep: the file name is deeper than 32 levels`])
  })

  it('that is not there is a typed error', async () => {
    expect(await failureOf(expandLocal(join(new FileExchange().here, 'none')))).toMatch(/^E_NOT_FOUND: /)
  })

  it('reports each failure with its file and goes on', async () => {
    const exchange = filled('here')
    exchange.write('inbox', 'sub/b.txt', 'another')
    const outcomes = await putTree(exchange.connect().client, exchange.here, { as: '', parallel: 2 })
    expect(outcomes.map(({ item, ok }) => [item.name, ok])).toEqual([
      ['a.txt', true],
      ['sub/b.txt', false],
      ['sub/deep/c.txt', true],
      ['zz', true],
    ])
    expect(outcomes[1]).toMatchObject({ error: { code: 'E_SERVICE_REFUSED' } })
  })

  it('reports progress by file', async () => {
    const exchange = filled('here')
    const last = new Map<string, readonly number[]>()
    await putTree(exchange.connect().client, exchange.here, {
      as: '',
      onProgress: ({ name }, ...numbers) => last.set(name, numbers),
    })
    expect(Object.fromEntries(last)).toEqual({
      'a.txt': [1, 1, 0],
      'sub/b.txt': [2, 2, 0],
      'sub/deep/c.txt': [3, 3, 0],
      zz: [0, 0, 0],
    })
  })
})

describe('a directory that is fetched', () => {
  it('arrives with its files and their levels, all of them or one branch', async () => {
    const exchange = filled('served')
    const { client } = exchange.connect()
    const outcomes = await getTree(client, '', exchange.fetched, { as: 'all' })
    expect(outcomes.every(({ ok }) => ok)).toBe(true)
    await getTree(client, 'sub', exchange.fetched)
    await getTree(client, 'sub/deep/c.txt', exchange.fetched)
    expect(exchange.tree('fetched')).toEqual([
      'all',
      'all/a.txt',
      'all/sub',
      'all/sub/b.txt',
      'all/sub/deep',
      'all/sub/deep/c.txt',
      'all/zz',
      'c.txt',
      'sub',
      'sub/b.txt',
      'sub/deep',
      'sub/deep/c.txt',
    ])
    expect(Buffer.from(exchange.read('fetched', 'sub/deep/c.txt')).toString()).toBe('ccc')
  })

  it('may hold so many files and no more', async () => {
    const exchange = filled('served')
    const { client } = exchange.connect()
    expect(await expandRemote(client, '', { maxFiles: 4 })).toHaveLength(4)
    expect(await failureOf(expandRemote(client, '', { maxFiles: 3 }))).toMatch(/^E_TOO_LARGE: /)
  })

  it('that is not there is a typed error', async () => {
    const { client } = filled('served').connect()
    expect(await failureOf(expandRemote(client, 'none'))).toMatch(/^E_NOT_FOUND: /)
    expect(await failureOf(expandRemote(client, 'none/none'))).toMatch(/^E_SERVICE_REFUSED: /)
  })

  it('leaves out what the peer does not list, and says so', async () => {
    const entry = (name: string, dir: boolean): CborMap => ({ name, size: 1, mtime: 0, dir })
    const pair = hostileServer(
      async ({ stream }, { path }) => {
        const entries = path === '' ? [entry('closed', true), entry('open', true)] : [entry('y', false)]
        stream.end(itemOf(encodeCbor(entries)))
      },
      ({ path }) => {
        if (path === 'closed') throw refusal('closed: no permission')
      },
    )
    const { skipped, onSkipped } = notes()
    const files = await expandRemote(pair.client, '', { onSkipped })
    expect(files).toEqual([{ remoteName: 'open/y', name: 'open/y', size: 1 }])
    expect(skipped).toEqual(['closed: the peer refused service file/1: closed: no permission'])
  })

  it('whose lists are broken is given up', async () => {
    const pair = hostileServer(async ({ stream }) => void stream.end(Uint8Array.of(1)))
    expect(await failureOf(expandRemote(pair.client, ''))).toMatch(/^E_MALFORMED: /)
  })

  it('without end is given up', async () => {
    const endless = hostileServer(async ({ stream }) => {
      stream.end(itemOf(encodeCbor([{ name: 'd', size: 0, mtime: 0, dir: true }])))
    })
    const { skipped, onSkipped } = notes()
    expect(await expandRemote(endless.client, '', { onSkipped })).toEqual([])
    expect(skipped).toEqual([`${'d/'.repeat(32)}d: the file name is deeper than 32 levels`])
    let folders = 0
    const wide = hostileServer(async ({ stream }) => {
      const entries = Array.from({ length: 100 }, () => `d${String(folders++).padStart(9, '0')}`)
      stream.end(itemOf(encodeCbor(entries.map((name) => ({ name, size: 0, mtime: 0, dir: true })))))
    })
    expect(await failureOf(expandRemote(wide.client, '', { maxFiles: 1_000 }))).toMatch(/^E_TOO_LARGE: /)
    expect(folders).toBeLessThan(20_000)
  })
})

describe('an unfinished file', () => {
  it('is never part of a list or a tree', async () => {
    const exchange = filled('served')
    writeFileSync(join(exchange.served, 'x.00112233aabbccdd.part'), 'half')
    const { client } = exchange.connect()
    expect((await listFiles(client, '')).map(({ name }) => name)).toEqual(['a.txt', 'empty', 'sub', 'zz'])
  })
})
