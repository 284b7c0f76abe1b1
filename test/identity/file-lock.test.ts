import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { isAivError } from '../../src/lib/core/index.ts'
import { withFileLock } from '../../src/lib/identity/files/file-lock.ts'
import { temporaryFolder } from '../support/aiv.ts'
import { startChild } from './child.ts'

it('three processes that read, add one and write back lose no count', async () => {
  const path = join(temporaryFolder(), 'count')
  writeFileSync(path, '0')
  const children = [0, 1, 2].map(() =>
    startChild(`
      const { readFile, writeFile } = await import('node:fs/promises')
      for (let i = 0; i < 60; i++)
        await lock.withFileLock(${JSON.stringify(path)}, async () => {
          const count = Number(await readFile(${JSON.stringify(path)}, 'utf8'))
          await writeFile(${JSON.stringify(path)}, String(count + 1))
        })`),
  )
  await Promise.all(children.map((child) => child.output()))
  expect(readFileSync(path, 'utf8')).toBe('180')
})

it('tasks of one process take turns, in order, and a failing one does not stop the next', async () => {
  const path = join(temporaryFolder(), 'file')
  const order: string[] = []
  const tasks = ['a', 'b', 'c'].map((name) =>
    withFileLock(path, async () => {
      order.push(`${name} in`)
      await Promise.resolve()
      order.push(`${name} out`)
      if (name === 'a') throw new Error('failed')
    }),
  )
  expect((await Promise.allSettled(tasks)).map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'fulfilled',
  ])
  expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
})

it('a held lock is waited for and then reported; a killed owner leaves it free', async () => {
  const path = join(temporaryFolder(), 'file')
  const owner = startChild(`
    await lock.withFileLock(${JSON.stringify(path)}, () => {
      process.stdout.write('held')
      // A promise that nobody can resolve would be collected, and the lock that waits for it.
      return new Promise((resolve) => setInterval(() => globalThis.isOver && resolve(), 1000))
    })`)
  await owner.started()
  const late = await withFileLock(path, async () => 'taken', 50).catch((error: unknown) => error)
  expect(isAivError(late, 'E_TIMEOUT')).toBe(true)
  owner.process.kill('SIGKILL')
  await owner.output()
  expect(await withFileLock(path, async () => 'taken', 1000)).toBe('taken')
})

it('the lock file is empty and for its owner only', async () => {
  const folder = temporaryFolder()
  await withFileLock(join(folder, 'file'), async () => {})
  const { size, mode } = statSync(join(folder, '.file.lock'))
  expect([size, (mode & 0o777).toString(8)]).toEqual([0, '600'])
})

it('a folder that does not exist is a typed error', async () => {
  const path = join(temporaryFolder(), 'missing', 'file')
  const error = await withFileLock(path, async () => {}).catch((each: unknown) => each)
  expect(isAivError(error, 'E_NOT_FOUND')).toBe(true)
})
