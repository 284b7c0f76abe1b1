/** Stands between the code and its file handles: slows them down, or lets them fail as a disk does. */
import { type FileHandle, open } from 'node:fs/promises'
import { onTestFinished, vi } from 'vitest'

export type HandleMethod = 'writev' | 'sync' | 'chmod' | 'utimes' | 'read'

/** An error as the system reports it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: from the test, at /secret/path`), { code, errno: -1 })
}

/** Runs `before` in front of every call of one method of every file handle, until the test is over. */
export async function beforeEach(method: HandleMethod, before: () => Promise<void> | void): Promise<void> {
  const handle = await open('/dev/null')
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const original = prototype[method] as (...args: unknown[]) => Promise<unknown>
  const spy = vi.spyOn(prototype, method as 'sync').mockImplementation(async function (
    this: FileHandle,
    ...args: unknown[]
  ) {
    await before()
    return (await original.apply(this, args)) as undefined
  })
  onTestFinished(() => spy.mockRestore())
}
