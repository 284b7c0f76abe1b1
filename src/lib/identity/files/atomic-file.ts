/** Replacing a file as a whole: after a crash at any point the path holds the old content or the new one. */
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AivError, type RandomSource, toHex } from '../../core/index.ts'

/** What `link` answers on file systems that have no hard links. */
const NO_HARD_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV'])

/**
 * Writes a new file of mode 0600, durable when it resolves.
 * @param random for the name of the temporary file
 * @throws AivError `E_INPUT` when the file exists, `E_PERMISSION`, `E_NOT_FOUND`, `E_IO`
 */
export async function createFileAtomically(
  path: string,
  content: Uint8Array,
  random: RandomSource,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${toHex(random.bytes(8))}.tmp`)
  await writeThenMove(path, content, temporary, moveWithoutOverwriting)
}

/**
 * Replaces a file, which may be missing, by one of mode 0600, durable when it resolves. The caller holds the lock of
 * the path: all writers use one temporary name, so that what a killed one left behind does not pile up.
 * @throws AivError `E_PERMISSION`, `E_NOT_FOUND`, `E_IO`
 */
export async function replaceFileAtomically(path: string, content: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`)
  try {
    await rm(temporary, { force: true })
  } catch (error) {
    throw fileError(error, 'write', path)
  }
  await writeThenMove(path, content, temporary, rename)
}

async function writeThenMove(
  path: string,
  content: Uint8Array,
  temporary: string,
  move: (from: string, to: string) => Promise<void>,
): Promise<void> {
  try {
    await writeSynced(temporary, content)
    await move(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(temporary, { force: true })
    throw fileError(error, 'write', path)
  }
}

/** `wx`, because in a folder that others may write to, a file or link of that name could be theirs. */
async function writeSynced(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A hard link fails when the name is taken, in one step; a check before a rename would leave a gap. */
async function moveWithoutOverwriting(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
    await rm(from)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && NO_HARD_LINKS.has(String(error.code)))) throw error
    // The empty file takes the name in one step as well.
    await (await open(to, 'wx', 0o600)).close()
    await rename(from, to)
  }
}

/** A rename survives a power failure only once the folder is synced. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Reads a file of bounded size.
 * @throws AivError `E_NOT_FOUND`, `E_PERMISSION`, `E_TOO_LARGE`, `E_IO`
 */
export async function readBounded(
  path: string,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; mode: number }> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    const { size, mode } = await file.stat()
    if (size > maxBytes) throw new AivError('E_TOO_LARGE', `${path} is longer than ${maxBytes} bytes`)
    const buffer = new Uint8Array(maxBytes + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length)
      length += bytesRead
      if (bytesRead === 0 || length === buffer.length) break
    }
    if (length > maxBytes) throw new AivError('E_TOO_LARGE', `${path} is longer than ${maxBytes} bytes`)
    return { bytes: buffer.subarray(0, length), mode }
  } catch (error) {
    throw fileError(error, 'read', path)
  } finally {
    await file?.close()
  }
}

/** A failed system call as a typed error. */
export function fileError(error: unknown, doing: 'read' | 'write', path: string): AivError {
  if (error instanceof AivError) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EEXIST':
      return new AivError('E_INPUT', `${path} exists already`, {
        hint: 'Name another file, or allow this one to be replaced.',
        cause: error,
      })
    case 'ENOENT':
      return new AivError('E_NOT_FOUND', `cannot ${doing} ${path}: no such file or folder`, { cause: error })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new AivError('E_PERMISSION', `cannot ${doing} ${path}: permission denied`, { cause: error })
    default: {
      const why = error instanceof Error ? error.message : String(error)
      return new AivError('E_IO', `cannot ${doing} ${path}: ${why}`, { cause: error })
    }
  }
}
