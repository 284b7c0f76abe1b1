/** The files of a folder on a disk, bounded, and never outside the folder whatever links and paths say. */
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { AivError } from '../../core/index.ts'
import type { ProjectFiles } from './reader.ts'

/** The largest lockfile of the public corpora has 15 MB; binaries are bounded by {@link FolderFilesOptions}. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024

export interface FolderFilesOptions {
  /** Bytes of one file; default {@link MAX_FILE_BYTES}. */
  readonly maxFileBytes?: number
}

export class FolderFiles implements ProjectFiles {
  readonly #root: string
  readonly #maxFileBytes: number

  /** @param root an existing folder @throws AivError `E_NOT_FOUND`, `E_PERMISSION`, `E_IO` */
  constructor(root: string, { maxFileBytes = MAX_FILE_BYTES }: FolderFilesOptions = {}) {
    this.#maxFileBytes = maxFileBytes
    try {
      this.#root = realpathSync(root)
    } catch (cause) {
      throw inputError(root, cause)
    }
  }

  text(path: string): string | undefined {
    const bytes = this.bytes(path)
    if (bytes === undefined) return undefined
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch (cause) {
      throw new AivError('E_MALFORMED', `${path} is not UTF-8`, { cause })
    }
  }

  bytes(path: string): Uint8Array | undefined {
    const real = this.#inside(path)
    if (real === undefined) return undefined
    let file: number | undefined
    try {
      // Without waiting: a named pipe in a project must not stop the run.
      file = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK)
      const { size } = this.#regular(file, path)
      if (size > this.#maxFileBytes)
        throw new AivError('E_TOO_LARGE', `${path} has ${size} bytes, more than ${this.#maxFileBytes}`)
      return readFileSync(file)
    } catch (cause) {
      if (cause instanceof AivError) throw cause
      if (codeOf(cause) === 'EISDIR') return undefined
      throw inputError(path, cause)
    } finally {
      if (file !== undefined) closeSync(file)
    }
  }

  list(folder: string): readonly string[] {
    const real = this.#inside(folder)
    if (real === undefined) return []
    try {
      return readdirSync(real, { withFileTypes: true })
        .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
        .sort()
    } catch {
      return []
    }
  }

  /** The real path; undefined when there is nothing, or when it lies outside the project. */
  #inside(path: string): string | undefined {
    if (path.includes('\0')) return undefined
    try {
      const real = realpathSync(join(this.#root, path))
      return real === this.#root || real.startsWith(this.#root.endsWith(sep) ? this.#root : this.#root + sep)
        ? real
        : undefined
    } catch {
      // Not there, a loop of links, or a folder that may not be entered.
      return undefined
    }
  }

  #regular(file: number, path: string): { readonly size: number } {
    const stat = fstatSync(file)
    if (stat.isFile() || stat.isDirectory()) return stat
    throw new AivError('E_INPUT', `${path} is not a regular file`)
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined
}

function inputError(path: string, cause: unknown): AivError {
  const code = codeOf(cause)
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new AivError('E_NOT_FOUND', `there is no ${path}`, { cause })
  if (code === 'EACCES' || code === 'EPERM')
    return new AivError('E_PERMISSION', `${path} may not be read`, { cause })
  return new AivError('E_IO', `${path} cannot be read`, { cause })
}
