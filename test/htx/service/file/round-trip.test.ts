/** Files that cross a link that holds: content, time, permissions, progress, several at once. */
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../../src/lib/core/index.ts'
import { getFile, listFiles, putFile, transferAll } from '../../../../src/lib/htx/service/file/index.ts'
import { content, FileExchange, failureOf, sha256Hex } from '../../../support/file-exchange.ts'

const MIB = 1_048_576
const SIZES = [0, 1, 262_143, 262_144, 262_145, MIB - 1, MIB, MIB + 1, 2 * MIB + 1, 5 * MIB + 4321]

describe('a file that is put', () => {
  it.each(SIZES)('arrives whole (%i bytes)', async (size) => {
    const exchange = new FileExchange()
    const bytes = content(size, size + 1)
    const { client } = exchange.connect()
    const result = await putFile(client, exchange.write('here', 'a.bin', bytes))
    expect(sha256Hex(exchange.read('inbox', 'a.bin'))).toBe(sha256Hex(bytes))
    expect(result).toMatchObject({ name: 'a.bin', size, resumedFrom: 0 })
    expect(toHex(result.sha256)).toBe(sha256Hex(bytes))
    expect(exchange.received).toMatchObject([{ name: 'a.bin', size, peer: 'client', unchanged: false }])
    expect(exchange.tree('inbox')).toEqual(['a.bin'])
    expect(exchange.errors).toEqual([])
  })

  it('keeps its modification time and the permissions that the umask of the receiver allows', async () => {
    const exchange = new FileExchange()
    const path = exchange.write('here', 'run.sh', '#!/bin/sh\n')
    utimesSync(path, 1_600_000_000, 1_500_000_000)
    chmodSync(path, 0o4777)
    const before = process.umask(0o027)
    try {
      await putFile(exchange.connect().client, path)
    } finally {
      process.umask(before)
    }
    const stats = statSync(join(exchange.inbox, 'run.sh'))
    expect(stats.mtimeMs).toBe(1_500_000_000_000)
    // Neither the bits of the umask nor set-user-id.
    expect((stats.mode & 0o7777).toString(8)).toBe('750')
  })

  it('goes into directories that are made for it, under the name it is given', async () => {
    const exchange = new FileExchange()
    const path = exchange.write('here', 'x', 'letter')
    const { client } = exchange.connect()
    await putFile(client, path, { name: 'post/2026/November/letter.txt' })
    expect(exchange.read('inbox', 'post/2026/November/letter.txt')).toEqual(
      new Uint8Array(Buffer.from('letter')),
    )
  })

  it('under a name as long as a file system takes', async () => {
    const exchange = new FileExchange()
    const name = 'ü'.repeat(127)
    await putFile(exchange.connect().client, exchange.write('here', 'x', 'long'), { name })
    expect(exchange.tree('inbox')).toEqual([name])
  })

  it('is found through a symbolic link that the user named, and refused when it is no regular file', async () => {
    const exchange = new FileExchange()
    const path = exchange.write('here', 'real', 'content')
    symlinkSync(path, join(exchange.here, 'alias'))
    const { client } = exchange.connect()
    await putFile(client, join(exchange.here, 'alias'))
    expect(exchange.tree('inbox')).toEqual(['alias'])
    expect(await failureOf(putFile(client, exchange.here))).toMatch(/^E_INPUT: .*not a regular file$/)
    expect(await failureOf(putFile(client, join(exchange.here, 'none')))).toMatch(/^E_NOT_FOUND: /)
  })

  it('is not taken again when it is there already', async () => {
    const exchange = new FileExchange()
    const bytes = content(3 * MIB)
    const path = exchange.write('here', 'a', bytes)
    await putFile(exchange.connect().client, path)
    const pair = exchange.connect()
    expect((await putFile(pair.client, path)).resumedFrom).toBe(3 * MIB)
    expect(exchange.received[1]).toMatchObject({ name: 'a', unchanged: true })
    expect(pair.carried.client).toBeLessThan(2_000)
  })

  it('does not replace another file of its name, unless the receiver lets it', async () => {
    const exchange = new FileExchange()
    exchange.write('inbox', 'a', 'old')
    const path = exchange.write('here', 'a', 'new')
    const refused = await failureOf(putFile(exchange.connect().client, path))
    expect(refused).toBe(
      'E_SERVICE_REFUSED: the peer refused service file/1: a: another file of this name exists',
    )
    expect(exchange.read('inbox', 'a')).toEqual(new Uint8Array(Buffer.from('old')))
    expect(exchange.tree('inbox')).toEqual(['a'])
    await putFile(exchange.connect({ receive: { overwrite: 'always' } }).client, path)
    expect(exchange.read('inbox', 'a')).toEqual(new Uint8Array(Buffer.from('new')))
  })

  it('does not replace a file that differs where the fingerprint does not look', async () => {
    const exchange = new FileExchange()
    const theirs = content(4 * MIB)
    const ours = theirs.slice()
    ours[2 * MIB] = (ours[2 * MIB] as number) ^ 1
    exchange.write('inbox', 'a', theirs)
    const path = exchange.write('here', 'a', ours)
    expect(await failureOf(putFile(exchange.connect().client, path))).toMatch(/^E_SERVICE_REFUSED: .*exists$/)
    expect(sha256Hex(exchange.read('inbox', 'a'))).toBe(sha256Hex(theirs))
    expect(exchange.tree('inbox')).toEqual(['a'])
    await putFile(exchange.connect({ receive: { overwrite: 'always' } }).client, path)
    expect(sha256Hex(exchange.read('inbox', 'a'))).toBe(sha256Hex(ours))
  })

  it('is refused above the largest size that the receiver takes', async () => {
    const exchange = new FileExchange()
    const { client } = exchange.connect({ receive: { maxFileBytes: 10 } })
    await putFile(client, exchange.write('here', 'ten', '0123456789'))
    expect(await failureOf(putFile(client, exchange.write('here', 'eleven', '0123456789a')))).toMatch(
      /^E_SERVICE_REFUSED: .*more than 10 bytes/,
    )
    expect(exchange.tree('inbox')).toEqual(['ten'])
  })
})

describe('a file that is fetched', () => {
  it.each(SIZES)('arrives whole (%i bytes)', async (size) => {
    const exchange = new FileExchange()
    const bytes = content(size, size + 1)
    exchange.write('served', 'deep/er/a.bin', bytes)
    const served: unknown[] = []
    const { client } = exchange.connect({ serve: { onFile: (file) => served.push(file) } })
    const result = await getFile(client, 'deep/er/a.bin', exchange.fetched)
    expect(sha256Hex(exchange.read('fetched', 'a.bin'))).toBe(sha256Hex(bytes))
    const path = join(exchange.fetched, 'a.bin')
    expect(result).toMatchObject({ name: 'deep/er/a.bin', path, size, resumedFrom: 0, unchanged: false })
    expect(toHex(result.sha256)).toBe(sha256Hex(bytes))
    expect(exchange.tree('fetched')).toEqual(['a.bin'])
    expect(served).toMatchObject([{ name: 'deep/er/a.bin', size, peer: 'client' }])
    expect(exchange.errors).toEqual([])
  })

  it('keeps time and permissions, and goes where it is told', async () => {
    const exchange = new FileExchange()
    const path = exchange.write('served', 'a', 'x')
    utimesSync(path, 0, 1_234_567_890)
    chmodSync(path, 0o640)
    await getFile(exchange.connect().client, 'a', exchange.fetched, { name: 'one/two/b' })
    const stats = statSync(join(exchange.fetched, 'one/two/b'))
    expect([stats.mtimeMs, (stats.mode & 0o777).toString(8)]).toEqual([1_234_567_890_000, '640'])
  })

  it('is not fetched again when it is there, and does not replace another one unasked', async () => {
    const exchange = new FileExchange()
    exchange.write('served', 'a', 'content')
    exchange.write('fetched', 'a', 'content')
    const { client } = exchange.connect()
    expect(await getFile(client, 'a', exchange.fetched)).toMatchObject({ unchanged: true, resumedFrom: 7 })
    for (const other of ['contenT', 'content and more', 'cont', '']) {
      exchange.write('fetched', 'a', other)
      expect(await failureOf(getFile(client, 'a', exchange.fetched))).toMatch(/^E_FILE_EXISTS: a: /)
      expect(Buffer.from(exchange.read('fetched', 'a')).toString()).toBe(other)
      await getFile(client, 'a', exchange.fetched, { overwrite: 'always' })
      expect(Buffer.from(exchange.read('fetched', 'a')).toString()).toBe('content')
    }
    expect(exchange.tree('fetched')).toEqual(['a'])
  })

  it('is refused above the largest size that is wanted', async () => {
    const exchange = new FileExchange()
    exchange.write('served', 'a', '12345')
    const { client } = exchange.connect()
    const failure = await failureOf(getFile(client, 'a', exchange.fetched, { maxFileBytes: 4 }))
    expect(failure).toMatch(/^E_TOO_LARGE: /)
    expect(exchange.tree('fetched')).toEqual([])
  })

  it('that is not there is a typed refusal', async () => {
    const exchange = new FileExchange()
    mkdirSync(join(exchange.served, 'folder'))
    const { client } = exchange.connect()
    expect(await failureOf(getFile(client, 'none', exchange.fetched))).toMatch(
      /^E_SERVICE_REFUSED: .*none: not found/,
    )
    expect(await failureOf(getFile(client, 'no/ne', exchange.fetched))).toMatch(
      /^E_SERVICE_REFUSED: .*not found/,
    )
    expect(await failureOf(getFile(client, 'folder', exchange.fetched))).toMatch(
      /^E_SERVICE_REFUSED: .*not a regular file/,
    )
    expect(exchange.tree('fetched')).toEqual([])
  })
})

describe('a list', () => {
  it('names one level, sorted by the bytes of the names', async () => {
    const exchange = new FileExchange()
    for (const name of ['b', 'a', 'B', 'ä', 'a.b', 'ab', '\u{1f600}', '\uffee'])
      exchange.write('served', name, name)
    exchange.write('served', 'sub/inner', 'xyz')
    utimesSync(join(exchange.served, 'a'), 0, 1_000_000_000)
    const { client } = exchange.connect()
    const entries = await listFiles(client, '')
    const names = ['B', 'a', 'a.b', 'ab', 'b', 'sub', 'ä', '\uffee', '\u{1f600}']
    expect(entries.map(({ name }) => name)).toEqual(names)
    expect(entries[1]).toEqual({ name: 'a', size: 1, mtime: 1_000_000_000, dir: false })
    expect(entries[5]).toMatchObject({ name: 'sub', size: 0, dir: true })
    expect(await listFiles(client, 'sub')).toMatchObject([{ name: 'inner', size: 3, dir: false }])
    expect(await failureOf(listFiles(client, 'a'))).toMatch(/^E_SERVICE_REFUSED: .*not a directory/)
    expect(await failureOf(listFiles(client, 'none'))).toMatch(/^E_SERVICE_REFUSED: .*not found/)
  })

  it('holds ten thousand entries', async () => {
    const exchange = new FileExchange()
    for (let i = 0; i < 10_000; i++) writeFileSync(join(exchange.served, `file-${i}`), '')
    const entries = await listFiles(exchange.connect().client, '')
    const expected = Array.from({ length: 10_000 }, (_, i) => `file-${i}`).sort()
    expect(entries.map(({ name }) => name)).toEqual(expected)
  })

  it('leaves out what cannot be asked for: links, unfinished files, names that are not allowed', async () => {
    const exchange = new FileExchange()
    exchange.write('served', 'plain', '')
    exchange.write('served', 'plain.0123456789abcdef.part', '')
    exchange.write('served', 'back\\slash', '')
    exchange.write('served', 'e\u0301', '')
    symlinkSync('plain', join(exchange.served, 'link'))
    symlinkSync('/etc', join(exchange.served, 'folder-link'))
    const entries = await listFiles(exchange.connect().client, '')
    expect(entries.map(({ name }) => name)).toEqual(['plain'])
  })
})

describe('several files at once', () => {
  it('cross on streams of their own', async () => {
    const exchange = new FileExchange()
    const { client } = exchange.connect()
    const names = Array.from({ length: 24 }, (_, i) => `file-${i}`)
    for (const [i, name] of names.entries()) exchange.write('here', name, content(i * 50_000, i + 1))
    let running = 0
    let most = 0
    const outcomes = await transferAll(names, 6, async (name) => {
      most = Math.max(most, ++running, client.streamCount)
      await putFile(client, join(exchange.here, name))
      running--
    })
    expect(most).toBe(6)
    expect(outcomes.every(({ ok }) => ok)).toBe(true)
    for (const [i, name] of names.entries())
      expect(sha256Hex(exchange.read('inbox', name))).toBe(sha256Hex(content(i * 50_000, i + 1)))
    expect(client.streamCount).toBe(0)
  })

  it('a failure ends its own item only, and outcomes keep the order of the items', async () => {
    const outcomes = await transferAll([3, 1, 2, 0], 2, async (item, index) => {
      if (item === 1) throw new Error('one')
      return item * 10 + index
    })
    expect(outcomes).toEqual([
      { item: 3, ok: true, result: 30 },
      { item: 1, ok: false, error: new Error('one') },
      { item: 2, ok: true, result: 22 },
      { item: 0, ok: true, result: 3 },
    ])
    expect(await transferAll([], 4, () => Promise.reject(new Error('never')))).toEqual([])
  })
})

describe('progress', () => {
  it('counts up to the size, on both sides', async () => {
    const exchange = new FileExchange()
    const seen: number[][] = []
    const there: unknown[][] = []
    const { client } = exchange.connect({ receive: { onProgress: (...call) => there.push(call) } })
    await putFile(client, exchange.write('here', 'a', content(1_000_000)), {
      onProgress: (...call) => seen.push(call),
    })
    expect(seen[0]).toEqual([0, 1_000_000, 0])
    expect(seen.at(-1)).toEqual([1_000_000, 1_000_000, 0])
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done as number).toSorted((a, b) => a - b))
    expect(there.at(-1)).toEqual([{ name: 'a', peer: 'client' }, 1_000_000, 1_000_000, 0])
  })
})

describe('giving up', () => {
  it('ends a transfer at once and leaves what has arrived for the next attempt', async () => {
    const exchange = new FileExchange()
    const path = exchange.write('here', 'a', content(4 * MIB))
    const pair = exchange.connect()
    const controller = new AbortController()
    const onProgress = (done: number): void => {
      if (done > MIB) controller.abort()
    }
    const putting = putFile(pair.client, path, { signal: controller.signal, onProgress })
    expect(await failureOf(putting)).toMatch(/^E_ABORTED: /)
    expect(pair.client.streamCount).toBe(0)
    const again = await putFile(exchange.connect().client, path)
    expect(again.resumedFrom).toBeGreaterThan(0)
    expect(sha256Hex(exchange.read('inbox', 'a'))).toBe(sha256Hex(content(4 * MIB)))
  })

  it('before it began sends nothing', async () => {
    const exchange = new FileExchange()
    const pair = exchange.connect()
    const signal = AbortSignal.abort()
    exchange.write('served', 'a', 'x')
    const put = putFile(pair.client, exchange.write('here', 'a', 'x'), { signal })
    expect(await failureOf(put)).toMatch(/^E_ABORTED: /)
    expect(await failureOf(getFile(pair.client, 'a', exchange.fetched, { signal }))).toMatch(/^E_ABORTED: /)
    expect(await failureOf(listFiles(pair.client, '', { signal }))).toMatch(/^E_ABORTED: /)
    expect(exchange.tree('inbox')).toEqual([])
    expect(existsSync(join(exchange.fetched, 'a'))).toBe(false)
    expect(pair.client.streamCount).toBe(0)
  })
})
