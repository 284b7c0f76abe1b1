/** The judge is git itself. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { commitTime } from '../../../../src/lib/lint/scan/time/commit-time.ts'
import { REPOSITORY, temporaryFolder } from '../../../support/aiv.ts'
import { judge } from '../../../support/judge.ts'

const GIT = judge('git')

/** Runs git without the settings of this machine. */
function git(folder: string, args: readonly string[], seconds = 1_700_000_000): string {
  const identity = ['-c', 'user.name=A <b> 1 +0000', '-c', 'user.email=a@example.com']
  return execFileSync(GIT as string, [...identity, '-c', 'commit.gpgsign=false', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_DATE: '1234567890 +0300',
      GIT_COMMITTER_DATE: `${seconds} -0730`,
    },
  }).trim()
}

function repository(...options: readonly string[]): string {
  const folder = temporaryFolder()
  git(folder, ['init', '--quiet', '--initial-branch=main/line', ...options])
  return folder
}

function commit(folder: string, message: string, seconds: number): void {
  git(folder, ['commit', '--quiet', '--allow-empty', '--message', message], seconds)
}

/** What git says of the folder. */
function told(folder: string): number {
  return Number(git(folder, ['log', '-1', '--format=%ct']))
}

describe.skipIf(GIT === undefined)('the commit time of a folder', () => {
  it('is the time of the committer, not of the author', () => {
    const folder = repository()
    commit(folder, 'first', 1_700_000_123)
    expect(commitTime(folder)).toBe(1_700_000_123)
    expect(told(folder)).toBe(1_700_000_123)
  })

  it('is that of the nearest repository above the folder', () => {
    const folder = repository()
    commit(folder, 'first', 1_700_000_001)
    mkdirSync(join(folder, 'a', 'b'), { recursive: true })
    expect(commitTime(join(folder, 'a', 'b'))).toBe(1_700_000_001)
  })

  it('is not what a message says about committers', () => {
    const folder = repository()
    commit(folder, 'first\n\ncommitter A <a@example.com> 99 +0000', 1_700_000_002)
    expect(commitTime(folder)).toBe(told(folder))
  })

  it.each(['sha1', 'sha256'])('is read from packs with deltas, %s', (format) => {
    const folder = repository(`--object-format=${format}`)
    // Messages that differ little become deltas of each other.
    const long = Array.from({ length: 200 }, (_, i) => `line ${i} of a long message`).join('\n')
    for (let i = 0; i < 12; i += 1) commit(folder, `${long}\n${i}`, 1_700_000_100 + i)
    git(folder, ['repack', '-a', '-d', '-f', '--depth=50', '--window=50', '--quiet'])
    git(folder, ['pack-refs', '--all'])
    const [pack] = readdirSync(join(folder, '.git/objects/pack')).filter((name) => name.endsWith('.pack'))
    const listed = git(folder, ['verify-pack', '-v', `.git/objects/pack/${pack}`])
    const chained = listed.split('\n').filter((line) => / commit /.test(line) && line.split(/ +/).length > 5)
    expect(chained.length).toBeGreaterThan(5)
    for (const line of listed.split('\n').filter((text) => / commit /.test(text))) {
      git(folder, ['checkout', '--quiet', '--detach', line.split(' ')[0] as string])
      expect(commitTime(folder)).toBe(told(folder))
    }
  })

  it('is read from a pack whose deltas name their bases', () => {
    const folder = repository()
    const long = Array.from({ length: 200 }, (_, i) => `line ${i} of a long message`).join('\n')
    for (let i = 0; i < 8; i += 1) commit(folder, `${long}\n${i}`, 1_700_000_200 + i)
    // Without offsets as bases, as in packs that are sent to old clients.
    git(folder, [
      '-c',
      'repack.useDeltaBaseOffset=false',
      'repack',
      '-a',
      '-d',
      '-f',
      '--depth=50',
      '--quiet',
    ])
    const names = git(folder, ['rev-list', 'HEAD']).split('\n')
    for (const name of names) {
      git(folder, ['checkout', '--quiet', '--detach', name])
      expect(commitTime(folder)).toBe(told(folder))
    }
  })

  it('is read from deltas that copy as much as one instruction can', () => {
    const folder = repository()
    // More than 64 KiB in a row, which a delta writes as a length of zero (gitformat-pack).
    const long = Array.from({ length: 12_000 }, (_, i) => `${(i * 7919) % 99_991} line`).join('\n')
    for (let i = 0; i < 3; i += 1) {
      writeFileSync(join(folder, 'message'), `${i}\n\n${long}`)
      git(folder, ['commit', '--quiet', '--allow-empty', '--file', 'message'], 1_700_000_250 + i)
    }
    git(folder, ['repack', '-a', '-d', '-f', '--quiet'])
    for (const name of git(folder, ['rev-list', 'HEAD']).split('\n')) {
      git(folder, ['checkout', '--quiet', '--detach', name])
      expect(commitTime(folder)).toBe(told(folder))
    }
  })

  it('is unknown when an index leads to another commit', () => {
    const folder = repository()
    commit(folder, 'first', 1_700_000_270)
    commit(folder, 'second', 1_700_000_271)
    git(folder, ['repack', '-a', '-d', '-f', '--quiet'])
    const packs = join(folder, '.git/objects/pack')
    const path = join(packs, readdirSync(packs).find((name) => name.endsWith('.idx')) as string)
    const index = readFileSync(path)
    const total = index.readUInt32BE(8 + 255 * 4)
    const names = Array.from({ length: total }, (_, i) => index.toString('hex', 1032 + i * 20, 1052 + i * 20))
    const offsetOf = (revision: string): number =>
      1032 + total * 24 + names.indexOf(git(folder, ['rev-parse', revision])) * 4
    index.writeUInt32BE(index.readUInt32BE(offsetOf('HEAD~1')), offsetOf('HEAD'))
    chmodSync(path, 0o644)
    writeFileSync(path, index)
    expect(commitTime(folder)).toBeUndefined()
  })

  it('is read in a linked work tree, a borrowed store and a shallow clone', () => {
    const folder = repository()
    commit(folder, 'first', 1_700_000_300)
    commit(folder, 'second', 1_700_000_301)
    const tree = join(temporaryFolder(), 'tree')
    git(folder, ['worktree', 'add', '--quiet', '-b', 'side', tree, 'HEAD~1'])
    expect(commitTime(tree)).toBe(1_700_000_300)
    const borrowed = join(temporaryFolder(), 'borrowed')
    git(folder, ['clone', '--quiet', '--shared', folder, borrowed])
    expect(commitTime(borrowed)).toBe(1_700_000_301)
    const shallow = join(temporaryFolder(), 'shallow')
    git(folder, ['clone', '--quiet', '--depth=1', `file://${folder}`, shallow])
    expect(commitTime(shallow)).toBe(1_700_000_301)
  })

  it('is found at once where a repository borrows from more stores than any', () => {
    const folder = repository()
    commit(folder, 'a', 1_600_000_000)
    const stores = Array.from({ length: 80_000 }, (_, index) => `/nowhere/${index}`)
    writeFileSync(join(folder, '.git', 'objects', 'info', 'alternates'), stores.join('\n'))
    const started = process.cpuUsage()
    expect(commitTime(folder)).toBe(1_600_000_000)
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1000).toBeLessThan(1_500)
  })

  it('is that of this checkout', () => {
    expect(commitTime(join(REPOSITORY, 'src'))).toBe(told(REPOSITORY))
  })

  it('is unknown without a repository or before the first commit', () => {
    expect(commitTime(temporaryFolder())).toBeUndefined()
    expect(commitTime(repository())).toBeUndefined()
  })

  it('is unknown where refs lead in a circle or out of the repository', () => {
    const folder = repository()
    commit(folder, 'first', 1_700_000_400)
    const head = join(folder, '.git/HEAD')
    const secret = join(folder, 'secret')
    writeFileSync(secret, git(folder, ['rev-parse', 'HEAD']))
    for (const text of [
      'ref: HEAD\n',
      'ref: ../secret\n',
      'ref: refs/../../secret\n',
      'ref: refs/heads/none\n',
      '',
    ]) {
      writeFileSync(head, text)
      expect(commitTime(folder), text).toBeUndefined()
    }
  })

  it('is right or unknown, and nothing hangs, when a pack is damaged or cut off anywhere', () => {
    const folder = repository()
    const long = Array.from({ length: 100 }, (_, i) => `line ${i} of a long message`).join('\n')
    for (let i = 0; i < 4; i += 1) commit(folder, `${long}\n${i}`, 1_700_000_500 + i)
    git(folder, ['repack', '-a', '-d', '-f', '--quiet'])
    const packs = join(folder, '.git/objects/pack')
    const seen = new Set<number | undefined>()
    for (const kind of ['.idx', '.pack']) {
      const path = join(packs, readdirSync(packs).find((name) => name.endsWith(kind)) as string)
      chmodSync(path, 0o644)
      const whole = readFileSync(path)
      for (let at = 0; at < whole.length; at += 1) {
        const damaged = Buffer.from(whole)
        damaged[at] = (damaged[at] as number) ^ 0xff
        writeFileSync(path, damaged)
        seen.add(commitTime(folder))
        writeFileSync(path, whole.subarray(0, at))
        seen.add(commitTime(folder))
      }
      writeFileSync(path, whole)
    }
    expect([...seen].toSorted()).toEqual([told(folder), undefined])
  })

  it('is unknown when deltas are built on each other in a circle', () => {
    const folder = repository()
    commit(folder, 'first', 1_700_000_600)
    const name = git(folder, ['rev-parse', 'HEAD'])
    const packs = join(folder, '.git/objects/pack')
    git(folder, ['repack', '-a', '-d', '-f', '--quiet'])
    const path = join(packs, readdirSync(packs).find((file) => file.endsWith('.pack')) as string)
    chmodSync(path, 0o644)
    // A delta (type 7) of one byte at offset 12 whose base is itself, which the index names.
    const empty = Buffer.from('789c030000000001', 'hex')
    const entry = Buffer.concat([Buffer.from([0x70]), Buffer.from(name, 'hex'), empty])
    const loop = readFileSync(path)
    const index = readFileSync(path.replace(/pack$/, 'idx'))
    const total = index.readUInt32BE(8 + 255 * 4)
    const at = Array.from({ length: total }, (_, i) => i).find(
      (i) => index.toString('hex', 1032 + i * 20, 1052 + i * 20) === name,
    ) as number
    entry.copy(loop, index.readUInt32BE(1032 + total * 24 + at * 4))
    writeFileSync(path, loop)
    expect(commitTime(folder)).toBeUndefined()
  })

  it('is unknown when small deltas make the object out of gigabytes', () => {
    expect(timeOfDeltas(5)).toBe(1_700_000_650)
    const started = performance.now()
    expect(timeOfDeltas(4000)).toBeUndefined()
    // Without a bound these are 4 GB to copy.
    expect(performance.now() - started).toBeLessThan(5000)
  })

  it('is read from a loose object that a pack does not have', () => {
    const folder = repository()
    commit(folder, 'first', 1_700_000_700)
    git(folder, ['repack', '-a', '-d', '--quiet'])
    commit(folder, 'second', 1_700_000_701)
    expect(commitTime(folder)).toBe(1_700_000_701)
    renameSync(join(folder, '.git/objects/pack'), join(folder, '.git/objects/away'))
    expect(commitTime(folder)).toBe(1_700_000_701)
    rmSync(join(folder, '.git/objects'), { recursive: true })
    expect(commitTime(folder)).toBeUndefined()
  })
})

/** The time of a commit of 900 KiB that is `count` deltas on each other, each a copy of all and one byte more. */
function timeOfDeltas(count: number): number | undefined {
  const folder = repository()
  const header = `tree ${'0'.repeat(40)}\nauthor A <a@b.c> 1 +0000\ncommitter A <a@b.c> 1700000650 +0000\n\n`
  const base = Buffer.alloc(900 * 1024, header.padEnd(64 * 1024, 'x'))
  const small = (value: number): number[] =>
    value < 128 ? [value] : [(value & 127) | 128, ...small(value >> 7)]
  const entryHead = (type: number, size: number): Buffer =>
    Buffer.from(size < 16 ? [(type << 4) | size] : [128 | (type << 4) | (size & 15), ...small(size >> 4)])
  const entries = [Buffer.concat([entryHead(1, base.length), deflateSync(base)])]
  const offsets = [12]
  for (let i = 0; i < count; i += 1) {
    const length = base.length + i
    const copyAll = [0b1111_0000, length & 255, (length >> 8) & 255, length >> 16]
    const delta = Buffer.from([...small(length), ...small(length + 1), ...copyAll, 1, 0x78])
    const back = (entries.at(-1) as Buffer).length
    offsets.push((offsets.at(-1) as number) + back)
    entries.push(
      Buffer.concat([entryHead(6, delta.length), Buffer.from(distanceBytes(back)), deflateSync(delta)]),
    )
  }
  const final = Buffer.concat([base, Buffer.alloc(count, 'x')])
  const name = createHash('sha1').update(`commit ${final.length}\0`).update(final).digest()
  const pack = Buffer.concat([Buffer.from('PACK'), uint32(2, entries.length), ...entries])
  const packs = join(folder, '.git/objects/pack')
  mkdirSync(packs, { recursive: true })
  writeFileSync(join(packs, 'pack-1.pack'), pack)
  // An index of one name: the fan-out table, the name, its CRC-32 (which nobody looks at) and its offset.
  const fanout = Array.from({ length: 256 }, (_, byte) => (byte < (name[0] as number) ? 0 : 1))
  const index = [uint32(0xff744f63, 2, ...fanout), name, uint32(0, offsets.at(-1) as number)]
  writeFileSync(join(packs, 'pack-1.idx'), Buffer.concat(index))
  writeFileSync(join(folder, '.git/HEAD'), `${name.toString('hex')}\n`)
  return commitTime(folder)
}

/** The form of a distance in a pack: groups of 7 bits, each but the last with one added. */
function distanceBytes(distance: number): number[] {
  const bytes = [distance & 127]
  for (let rest = distance >> 7; rest > 0; rest >>= 7) {
    rest -= 1
    bytes.unshift((rest & 127) | 128)
  }
  return bytes
}

function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, i) => {
    bytes.writeUInt32BE(value, i * 4)
  })
  return bytes
}
