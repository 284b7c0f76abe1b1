/** Files that a vector file names. What it names is hostile: nothing outside its own folder is opened. */
import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { AivError, isAivError } from '../../core/index.ts'

/**
 * @param path of the vector file
 * @param names relative to its folder, with forward slashes; the first one that is there is read
 * @throws AivError `E_INPUT` when there is no such file there, `E_TOO_LARGE` above `maxBytes`
 */
export async function* readBeside(
  path: string,
  names: readonly string[],
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  const file = await firstThere(path, names)
  try {
    const found = await stat(file)
    // A pipe or a device would never end.
    if (!found.isFile()) throw new AivError('E_INPUT', `${file} is no file`)
    if (found.size > maxBytes) throw new AivError('E_TOO_LARGE', `${file} is too large`)
    for await (const chunk of createReadStream(file, { end: maxBytes })) yield chunk as Uint8Array
  } catch (cause) {
    if (isAivError(cause)) throw cause
    throw new AivError('E_INPUT', `cannot read ${file}: ${(cause as Error).message}`, { cause })
  }
}

async function firstThere(path: string, names: readonly string[]): Promise<string> {
  const folder = dirname(await realpath(path))
  for (const name of names) {
    const file = await pathIn(folder, name)
    if (file !== undefined) return file
  }
  throw new AivError('E_INPUT', `there is no ${names.join(' or ')} beside the vector file`)
}

/** Symbolic links are followed before it is judged where the file lies. */
async function pathIn(folder: string, name: string): Promise<string | undefined> {
  const file = isInside(name) ? await realpath(join(folder, name)).catch(() => undefined) : folder
  if (file === undefined) return undefined
  const way = relative(folder, file)
  if (way !== '' && isInside(way)) return file
  throw new AivError('E_INPUT', `${name} does not lie in the folder of the vector file`)
}

function isInside(way: string): boolean {
  return !isAbsolute(way) && !way.includes('\0') && !way.split(/[/\\]/).includes('..')
}
