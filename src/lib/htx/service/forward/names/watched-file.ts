/** What a file of this machine says, read again when it has changed. */
import { readFile, stat } from 'node:fs/promises'

/** The calls of `node:fs/promises` that are used. */
export interface FileCalls {
  stat(path: string): Promise<FileStamp>
  readFile(path: string, encoding: 'utf8'): Promise<string>
}

interface FileStamp {
  readonly ino: number
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
}

const NOT_THERE = ''

/**
 * What `parse` makes of the file; of an empty text while there is none. A file that cannot be read just now counts as
 * it was read last, and is read the next time: out of descriptors, this machine must not forget what its names mean.
 */
export function watchedFile<T>(
  path: string,
  parse: (text: string) => T,
  files: FileCalls = { readFile, stat },
): () => Promise<T> {
  let stamp: string | undefined
  let value = parse('')
  return async () => {
    try {
      const now = await stampOf(path, files)
      if (now === stamp) return value
      // A change during the reading has another stamp, and is read the next time.
      value = parse(now === NOT_THERE ? '' : await files.readFile(path, 'utf8'))
      stamp = now
    } catch {
      // The stamp stays the old one.
    }
    return value
  }
}

async function stampOf(path: string, files: FileCalls): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await files.stat(path)
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) return NOT_THERE
    throw error
  }
}
