/** What the embedded store does when the file, the disk or another process misbehaves. */
import { spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isAivError, SeededRandom, toHex, utf8 } from '../../src/lib/core/index.ts'
import { type OpenStoreOptions, openStore, type Store } from '../../src/lib/storage/index.ts'
import { codeOf, collect, put, SCHEMA } from './compliance.ts'

let folder: string
let path: string
const opened: Store[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aiv-faults-'))
  path = join(folder, 'store.db')
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function open(options: Partial<OpenStoreOptions> = {}): Promise<Store> {
  const store = await openStore({ path, schema: SCHEMA, ...options })
  opened.push(store)
  return store
}

function rawDatabase<T>(work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path)
  try {
    return work(database)
  } finally {
    database.close()
  }
}

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8)

describe('files', () => {
  it('are readable by their owner only, and so are the folders made for them', async () => {
    path = join(folder, 'made', 'deeper', 'store.db')
    const store = await open()
    await store.batch([put('a', '1')])
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(modeOf(file)).toBe('600')
    expect(modeOf(join(folder, 'made'))).toBe('700')
    expect(modeOf(join(folder, 'made', 'deeper'))).toBe('700')
  })

  it('do not lose what is in the write-ahead log when the last one to close is another store', async () => {
    const first = await open()
    const second = await open()
    await first.batch([put('a', '1')])
    await second.close()
    await first.batch([put('b', '1')])
    await first.close()
    expect((await collect((await open()).scan())).map((entry) => toHex(entry.key))).toEqual(['61', '62'])
  })
})

describe('closing', () => {
  it('folds the write-ahead log into the one file', async () => {
    const store = await open()
    await store.batch([put('a', '1')])
    await store.close()
    expect(readdirSync(folder)).toEqual(['store.db'])
  })
})

describe('opening', () => {
  it('refuses a file that is no database', async () => {
    writeFileSync(path, 'this is no database, but it is longer than the header of one would be. '.repeat(20))
    expect(await codeOf(open())).toBe('E_STORE_CORRUPT')
  })

  it("refuses another program's database and leaves it as it was", async () => {
    rawDatabase((database) => database.exec('CREATE TABLE theirs (a)'))
    const before = readFileSync(path)
    expect(await codeOf(open())).toBe('E_STORE_SCHEMA')
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('refuses a table layout that it does not know', async () => {
    await (await open()).close()
    rawDatabase((database) => database.exec('PRAGMA user_version = 2'))
    expect(await codeOf(open())).toBe('E_STORE_SCHEMA')
  })

  it('fails with a typed error where the path cannot be a file', async () => {
    expect(await codeOf(open({ path: folder }))).toBe('E_STORE')
    writeFileSync(join(folder, 'file'), '')
    expect(await codeOf(open({ path: join(folder, 'file', 'store.db') }))).toBe('E_STORE')
  })

  it('stops when its signal fires', async () => {
    expect(await codeOf(open({ signal: AbortSignal.abort() }))).toBe('E_ABORTED')
    const abort = new AbortController()
    const opening = codeOf(open({ signal: abort.signal }))
    abort.abort()
    expect(await opening).toBe('E_ABORTED')
  })

  it('and using a store as a user without write permission is E_PERMISSION', async (context) => {
    if (process.getuid?.() === undefined) return context.skip('this platform has no numeric users')
    const store = await open()
    await store.batch([put('a', '1')])
    await store.close()
    chmodSync(path, 0o444)
    chmodSync(folder, 0o555)
    if (process.getuid() === 0) for (const each of [folder, path]) chownSync(each, 65_534, 65_534)
    const index = fileURLToPath(new URL('../../src/lib/storage/index.ts', import.meta.url))
    const script = `
      const { openStore } = await import(${JSON.stringify(index)})
      if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534) }
      try {
        const store = await openStore({ path: ${JSON.stringify(path)}, schema: { name: 'test', version: 1 } })
        console.log('applied', await store.batch([{ put: Uint8Array.of(1), value: Uint8Array.of(1) }]))
      } catch (error) { console.log(error.code) }`
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 })
    chmodSync(folder, 0o755)
    expect(child.stdout.toString().trim()).toBe('E_PERMISSION')
  })
})

describe('a full store', () => {
  it('refuses the write that does not fit, keeps the others, and goes on when there is room', async () => {
    const store = await open({ maxBytes: 400_000 })
    const big = new Uint8Array(500_000)
    await store.batch([put('a', '1')])
    const outcomes = await Promise.all([
      codeOf(store.batch([put('b', '1')])),
      codeOf(store.batch([put('c', '1'), { put: utf8('big'), value: big }])),
      codeOf(store.batch([put('d', '1')])),
    ])
    expect(outcomes).toEqual(['no error', 'E_STORE_FULL', 'no error'])
    const keys = (await collect(store.scan())).map((entry) => new TextDecoder().decode(entry.key))
    expect(keys).toEqual(['a', 'b', 'd'])
    expect(await store.batch([{ put: utf8('fits'), value: new Uint8Array(100_000) }])).toBe(true)
  })

  it('on a full disk acknowledges nothing that is not there after a restart', async (context) => {
    const mount = join(folder, 'small')
    mkdirSync(mount)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mount])
    if (mounted.status !== 0) return context.skip('mounting a small file system needs root')
    try {
      path = join(mount, 'store.db')
      const store = await open()
      const value = new Uint8Array(50_000).fill(1)
      const acknowledged: string[] = []
      let refusal = ''
      for (let i = 0; i < 200 && refusal === ''; i++) {
        const outcome = await codeOf(store.batch([{ put: utf8(`k${i}`), value }]))
        if (outcome === 'no error') acknowledged.push(`k${i}`)
        else refusal = outcome
      }
      expect(refusal).toBe('E_STORE_FULL')
      await store.close()
      const again = await open()
      for (const key of acknowledged) expect(await again.get(utf8(key))).toEqual(value)
      expect(await again.count()).toBe(acknowledged.length)
      await again.close()
    } finally {
      spawnSync('umount', ['-l', mount])
    }
  })
})

describe('a file that is taken away under an open store', () => {
  it('makes every later write fail when its folder is deleted', async () => {
    path = join(folder, 'inner', 'store.db')
    const store = await open()
    await store.batch([put('a', '1')])
    rmSync(join(folder, 'inner'), { recursive: true })
    expect(await codeOf(store.batch([put('b', '1')]))).toBe('E_STORE')
    expect(await codeOf(store.batch([put('c', '1')]))).toBe('E_STORE')
    expect(await codeOf(store.deleteRange({}))).toBe('E_STORE')
  })

  it('makes writes fail when it is replaced by a copy, or when its log is deleted', async () => {
    const store = await open()
    await store.batch([put('a', '1')])
    copyFileSync(path, join(folder, 'copy'))
    renameSync(join(folder, 'copy'), path)
    expect(await codeOf(store.batch([put('b', '1')]))).toBe('E_STORE')

    path = join(folder, 'second.db')
    const second = await open()
    await second.batch([put('a', '1')])
    rmSync(`${path}-wal`)
    expect(await codeOf(second.batch([put('b', '1')]))).toBe('E_STORE')
  })
})

describe('another process', () => {
  it('that holds the write lock too long makes writes E_STORE_BUSY and nothing applied; later ones succeed', async () => {
    const store = await open({ busyTimeoutMs: 50 })
    const raw = new DatabaseSync(path)
    raw.exec('BEGIN IMMEDIATE')
    expect(await codeOf(store.batch([put('a', '1')]))).toBe('E_STORE_BUSY')
    expect(await store.has(utf8('a'))).toBe(false)
    raw.exec('ROLLBACK')
    raw.close()
    expect(await store.batch([put('a', '1')])).toBe(true)
  })

  it('is waited for within the busy time, while reads go on', async () => {
    const store = await open()
    await store.batch([put('a', '1')])
    const raw = new DatabaseSync(path)
    raw.exec('BEGIN IMMEDIATE')
    let settled = false
    const write = store.batch([put('b', '1')]).finally(() => {
      settled = true
    })
    expect(await store.get(utf8('a'))).toEqual(utf8('1'))
    expect(settled).toBe(false)
    raw.exec('ROLLBACK')
    raw.close()
    expect(await write).toBe(true)
  })

  it('racing with this one for the same keys wins a key or loses it, never both', async () => {
    await (await open()).close()
    const index = fileURLToPath(new URL('../../src/lib/storage/index.ts', import.meta.url))
    const script = `
      const { openStore } = await import(${JSON.stringify(index)})
      const store = await openStore({ path: ${JSON.stringify(path)}, schema: { name: 'test', version: 1 } })
      const won = await Promise.all(Array.from({ length: 3000 }, async (_, i) => {
        const key = Uint8Array.of(i >> 8, i & 255)
        return await store.batch([{ put: key, value: Uint8Array.of(2) }], { ifAbsent: [key] }) ? i : -1
      }))
      await store.close()
      console.log(JSON.stringify(won.filter((i) => i >= 0)))`
    const racers = await Promise.all([0, 1].map(async () => JSON.parse(await outputOf(script)) as number[]))
    const [first, second] = racers as [number[], number[]]
    expect(first.length + second.length).toBe(3000)
    expect(new Set([...first, ...second]).size).toBe(3000)
  })
})

/** What a process that runs the script prints. */
async function outputOf(script: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30_000,
  })
  let text = ''
  for await (const chunk of child.stdout) text += String(chunk)
  return text
}

describe('damage on the disk', () => {
  it('of any byte of the file never shows as good data, and is never missed by verify when data is gone', async () => {
    const store = await open()
    const content = new Map<string, string>()
    const random = new SeededRandom(7)
    for (let i = 0; i < 300; i++) {
      const key = random.bytes(1 + random.below(40))
      const value = random.bytes(random.below(i % 20 === 0 ? 9000 : 200))
      content.set(toHex(key), toHex(value))
      await store.batch([{ put: key, value }])
    }
    await store.close()
    const sound = readFileSync(path)
    expect(sound.length).toBeGreaterThan(100_000)
    let noticed = 0
    for (let round = 0; round < 40; round++) {
      const damaged = Buffer.from(sound)
      const at = random.below(damaged.length)
      damaged[at] = (damaged[at] as number) ^ (1 << random.below(8))
      for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
      writeFileSync(path, damaged)
      let missing = content.size
      let complaint = false
      try {
        const again = await open()
        for (const [key, value] of content) {
          try {
            const found = await again.get(Buffer.from(key, 'hex'))
            if (found === undefined) continue
            expect({ at, value: toHex(found) }).toEqual({ at, value })
            missing--
          } catch (error) {
            if (!isAivError(error, 'E_STORE_CORRUPT')) throw error
            complaint = true
            missing--
          }
        }
        const report = await again.verify()
        complaint ||= report.damaged > 0 || report.structure.length > 0 || report.records !== content.size
        await again.close()
      } catch (error) {
        if (!isAivError(error)) throw error
        expect(['E_STORE_CORRUPT', 'E_STORE_SCHEMA', 'E_STORE']).toContain(error.code)
        complaint = true
      }
      if (complaint) noticed++
      expect({ at, missing: missing > 0, complaint }).not.toEqual({ at, missing: true, complaint: false })
    }
    expect(noticed).toBeGreaterThan(10)
  }, 120_000)

  it('names a record that was moved to another key', async () => {
    const store = await open()
    await store.batch([put('a', '1'), put('b', '2')])
    rawDatabase((database) => database.exec("UPDATE kv SET k = x'63' WHERE k = x'61'"))
    expect(await codeOf(store.get(utf8('c')))).toBe('E_STORE_CORRUPT')
    expect((await store.verify()).damagedKeys.map(toHex)).toEqual(['63'])
  })
})

describe('load', () => {
  it('beyond the waiting limit is refused, not gathered without end', async () => {
    const store = await open()
    const ops = [put('a', '1')]
    const outcomes = Array.from({ length: 262_145 }, () => store.batch(ops))
    const settled = await Promise.allSettled(outcomes)
    const refused = settled.filter((each) => each.status === 'rejected')
    expect(refused).toHaveLength(1)
    expect(isAivError(refused[0]?.reason, 'E_STORE_BUSY')).toBe(true)
  })

  it('of more bytes than a group holds is copied piece by piece', async () => {
    const store = await open({ durability: 'process' })
    const raw = new DatabaseSync(path)
    raw.exec('BEGIN IMMEDIATE')
    const value = new Uint8Array(1_000_000)
    const before = process.memoryUsage().arrayBuffers
    const writes = Array.from({ length: 60 }, (_, i) => store.batch([{ put: utf8(`${i}`), value }]))
    await store.has(utf8('0'))
    // 60 MB wait, all of them views of one array; only what was handed to the writer has been copied.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(12_000_000)
    raw.exec('ROLLBACK')
    raw.close()
    expect(await Promise.all(writes)).toEqual(writes.map(() => true))
    expect(await store.count()).toBe(60)
  })
})
