/** Bounded reads of the files of a repository. What is missing or cannot be read is undefined: there is no time then. */
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs'

/** `packed-refs` of the largest public repositories has 50 MB. */
const MAX_TEXT_BYTES = 128 * 1024 * 1024

/** A regular file, open; undefined where there is none. */
export class OpenFile {
  readonly size: number
  readonly #descriptor: number

  private constructor(descriptor: number, size: number) {
    this.#descriptor = descriptor
    this.size = size
  }

  static open(path: string): OpenFile | undefined {
    let descriptor: number
    try {
      // Without waiting: a named pipe in a repository must not stop the run.
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    } catch {
      return undefined
    }
    const stat = fstatSync(descriptor)
    if (stat.isFile()) return new OpenFile(descriptor, stat.size)
    closeSync(descriptor)
    return undefined
  }

  /** Bytes from an offset, fewer at the end of the file. */
  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)))
    let filled = 0
    while (filled < bytes.length) {
      const count = readSync(this.#descriptor, bytes, filled, bytes.length - filled, offset + filled)
      if (count === 0) break
      filled += count
    }
    return bytes.subarray(0, filled)
  }

  all(): Uint8Array {
    return readFileSync(this.#descriptor)
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}

/** The text of a small file. */
export function readSmall(path: string): string | undefined {
  const file = OpenFile.open(path)
  if (file === undefined) return undefined
  try {
    return file.size > MAX_TEXT_BYTES ? undefined : new TextDecoder().decode(file.all())
  } catch {
    return undefined
  } finally {
    file.close()
  }
}
