/** Files that commands write on request. */
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { AivError } from '../../core/index.ts'

/**
 * Writes the whole file or nothing: a reader never sees half of it. What is no regular file, such as a pipe, is
 * written to as it is.
 * @throws AivError `E_IO`
 */
export async function writeOut(path: string, content: string | Uint8Array): Promise<void> {
  try {
    const there = await stat(path).catch(() => undefined)
    if (there !== undefined && !there.isFile()) return await writeFile(path, content)
    // Through a link: what it names is replaced, and not the link.
    const target = there === undefined ? path : await realpath(path)
    const unfinished = unfinishedFile(target)
    try {
      // A link that waits under this name would be written through.
      const flag = 'wx'
      await writeFile(unfinished, content, there === undefined ? { flag } : { flag, mode: there.mode })
      await rename(unfinished, target)
    } catch (cause) {
      await rm(unfinished, { force: true })
      throw cause
    }
  } catch (cause) {
    throw new AivError('E_IO', `cannot write ${path}: ${(cause as Error).message}`, { cause })
  }
}

/** Where {@link writeOut} of this process puts a file until it is whole. */
export function unfinishedFile(path: string): string {
  return `${path}.${process.pid}.part`
}
