/** A directory held open is never left, whatever is put in the way of a name. */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { Directory } from '../../../../src/lib/htx/service/file/disk/directory.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { failureOf } from '../../../support/file-exchange.ts'

let root: string
let outside: string

beforeEach(() => {
  root = temporaryFolder()
  outside = temporaryFolder()
  writeFileSync(join(outside, 'secret'), 'secret')
  mkdirSync(join(root, 'sub'))
  writeFileSync(join(root, 'sub', 'file'), 'inside')
})

/** Puts a symbolic link to the outside in the place of `sub`. */
function swap(): void {
  renameSync(join(root, 'sub'), join(root, 'sub.was'))
  symlinkSync(outside, join(root, 'sub'))
}

/** Closes a directory when the test is over. */
async function opened<T extends Directory | undefined>(directory: Promise<T>): Promise<T> {
  const result = await directory
  onTestFinished(() => result?.close())
  return result
}

async function namesIn(directory: Directory): Promise<string[]> {
  const names: string[] = []
  for await (const name of directory.names()) names.push(name)
  return names.sort()
}

describe.each([
  ['by descriptors', true],
  ['by paths', false],
])('a directory held %s', (_, useDescriptors) => {
  const open = (): Promise<Directory> => opened(Directory.openRoot(root, { useDescriptors }))

  it('finds, makes, renames, links and removes what is in it', async () => {
    const top = await open()
    const sub = (await opened(top.enter('sub'))) as Directory
    expect(await top.enter('none')).toBeUndefined()
    expect(await sub.openFile('none', 'read')).toBeUndefined()
    const file = await sub.openFile('file', 'read')
    expect(await file?.readFile('utf8')).toBe('inside')
    await file?.close()
    const made = await sub.createFile('new')
    await made.writeFile('new')
    await made.close()
    expect(await failureOf(sub.createFile('new'))).toBe('E_FILE_EXISTS: new: exists')
    await sub.link('new', 'second')
    expect(await failureOf(sub.link('new', 'file'))).toBe('E_FILE_EXISTS: file: exists')
    await sub.rename('second', 'third')
    await sub.remove('new')
    await sub.remove('new')
    expect(await namesIn(sub)).toEqual(['file', 'third'])
    const deeper = await opened((await opened(sub.make('deeper'))).make('still'))
    expect(deeper.identity).not.toBe(sub.identity)
    expect(existsSync(join(root, 'sub', 'deeper', 'still'))).toBe(true)
    await sub.sync()
  })

  it('does not follow a symbolic link, to a file or to a directory', async () => {
    symlinkSync(outside, join(root, 'folder'))
    symlinkSync(join(outside, 'secret'), join(root, 'file'))
    symlinkSync(join(outside, 'missing'), join(root, 'dangling'))
    const top = await open()
    expect(await failureOf(top.enter('folder'))).toBe('E_FILE_PATH: folder: a symbolic link')
    expect(await failureOf(top.make('folder'))).toBe('E_FILE_PATH: folder: a symbolic link')
    for (const name of ['file', 'dangling']) {
      expect(await failureOf(top.openFile(name, 'read'))).toBe(`E_FILE_PATH: ${name}: a symbolic link`)
      expect(await failureOf(top.openFile(name, 'write'))).toBe(`E_FILE_PATH: ${name}: a symbolic link`)
      expect(await failureOf(top.createFile(name))).toBe(`E_FILE_EXISTS: ${name}: exists`)
    }
    expect(readdirSync(outside)).toEqual(['secret'])
  })

  it('opens regular files only, and waits for no pipe', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    const top = await open()
    expect(await failureOf(top.openFile('pipe', 'read'))).toBe('E_FILE_PATH: pipe: not a regular file')
    expect(await failureOf(top.openFile('sub', 'read'))).toBe('E_FILE_PATH: sub: not a regular file')
    expect(await failureOf(top.enter('pipe'))).toBe('E_FILE_PATH: pipe: not a directory')
  })

  it.each(['', '.', '..', 'sub/file', '/', '../x', 'a\0b'])(
    'takes no name but a single segment: %j',
    async (name) => {
      const top = await open()
      const expected = /^E_FILE_PATH: /
      expect(await failureOf(top.enter(name))).toMatch(expected)
      expect(await failureOf(top.make(name))).toMatch(expected)
      expect(await failureOf(top.openFile(name, 'read'))).toMatch(expected)
      expect(await failureOf(top.createFile(name))).toMatch(expected)
      expect(await failureOf(top.rename('sub', name))).toMatch(expected)
      expect(await failureOf(top.rename(name, 'x'))).toMatch(expected)
      expect(await failureOf(top.remove(name))).toMatch(expected)
    },
  )

  it('never reaches what a link that was swapped in leads to', async () => {
    const top = await open()
    const sub = (await opened(top.enter('sub'))) as Directory
    swap()
    const made = await sub.createFile('escaped').then(
      async (handle) => {
        await handle.close()
        return true
      },
      () => false,
    )
    // With descriptors the work goes on in the directory that was entered; with paths it stops.
    expect(made).toBe(useDescriptors && process.platform === 'linux')
    const secret = await sub.openFile('secret', 'read').catch(() => undefined)
    expect(secret).toBeUndefined()
    await sub.remove('secret').catch(() => {})
    await opened(sub.make('folder')).catch(() => {})
    expect(readdirSync(outside)).toEqual(['secret'])
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
    expect(await failureOf(top.enter('sub'))).toBe('E_FILE_PATH: sub: a symbolic link')
  })

  it('stays the directory it was when its own path comes to mean another one', async () => {
    const parent = temporaryFolder()
    mkdirSync(join(parent, 'root'))
    const top = await opened(Directory.openRoot(join(parent, 'root'), { useDescriptors }))
    renameSync(join(parent, 'root'), join(parent, 'was'))
    symlinkSync(outside, join(parent, 'root'))
    await top.createFile('x').then(
      (handle) => handle.close(),
      () => {},
    )
    expect(readdirSync(outside)).toEqual(['secret'])
    unlinkSync(join(parent, 'root'))
  })
})

describe('the root', () => {
  it('may be reached through symbolic links: it is the choice of the operator', async () => {
    const alias = join(outside, 'alias')
    symlinkSync(root, alias)
    expect(await namesIn(await opened(Directory.openRoot(alias)))).toEqual(['sub'])
  })

  it('that is no directory is a typed error', async () => {
    expect(await failureOf(Directory.openRoot(join(root, 'none')))).toMatch(/^E_NOT_FOUND: /)
    expect(await failureOf(Directory.openRoot(join(root, 'sub', 'file')))).toMatch(/^E_FILE_PATH: /)
  })
})
