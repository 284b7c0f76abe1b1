/** A file that is read when it has changed, on a disk that also fails. */
import { writeFileSync } from 'node:fs'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { watchedFile } from '../../../../../src/lib/htx/service/forward/names/watched-file.ts'
import { temporaryFolder } from '../../../../support/aiv.ts'

function failing(code: string): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error(code), { code }))
}

describe('a watched file', () => {
  it('is read once for each change, and is empty when it is gone', async () => {
    const path = join(temporaryFolder(), 'hosts')
    let readings = 0
    const read = watchedFile(path, (text) => [++readings, text])
    expect(await read()).toEqual([2, ''])
    writeFileSync(path, 'one')
    expect(await read()).toEqual([3, 'one'])
    expect(await read()).toEqual([3, 'one'])
    writeFileSync(path, 'three')
    expect(await read()).toEqual([4, 'three'])
    await rm(path)
    expect(await read()).toEqual([5, ''])
  })

  it.each(['readFile', 'stat'] as const)(
    'keeps what it said while %s fails, and is read as soon as that works',
    async (call) => {
      const path = join(temporaryFolder(), 'hosts')
      const files = { readFile, stat }
      const read = watchedFile(path, (text) => text, files)
      writeFileSync(path, 'one')
      expect(await read()).toBe('one')
      writeFileSync(path, 'three')
      Object.assign(files, { [call]: failing('EMFILE') })
      expect(await read()).toBe('one')
      Object.assign(files, { readFile, stat })
      expect(await read()).toBe('three')
    },
  )

  it('that could not be read at first is read later, unchanged', async () => {
    const path = join(temporaryFolder(), 'hosts')
    writeFileSync(path, 'one')
    const files = { readFile: failing('EMFILE') as typeof readFile, stat }
    const read = watchedFile(path, (text) => text, files)
    expect(await read()).toBe('')
    files.readFile = readFile
    expect(await read()).toBe('one')
  })
})
