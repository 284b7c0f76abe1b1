/** Compiled code is kept between runs: compiling is a good part of what a short command takes. */
import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { dirname } from 'node:path'
import { cacheFolder } from './state-folders.ts'

const GROUP_OR_OTHERS_WRITE = 0o022
const STICKY = 0o1000

/**
 * Asks Node to keep compiled code in the cache folder of the user, and to take it from there. What it reads there runs,
 * so this is done only where nobody else can write; otherwise, and where there is no such folder, everything works as
 * well, slower. `NODE_COMPILE_CACHE` and `NODE_DISABLE_COMPILE_CACHE` go before.
 */
export function keepCompiledCode(): void {
  const user = process.getuid?.()
  if (user === undefined) return
  try {
    const folder = ownFolder(cacheFolder())
    if (isPrivate(folder, user)) enableCompileCache(folder)
  } catch {
    // A read-only or missing home: not worth a word to who runs a command.
  }
}

/** Makes the folder, though not what it stands in. */
function ownFolder(path: string): string {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return realpathSync(path)
}

/**
 * Whether only `user` and the system's administrator can write to a folder, or put another one in its place.
 * @param folder a path without symbolic links
 */
export function isPrivate(folder: string, user: number): boolean {
  const { uid, mode } = lstatSync(folder)
  if (uid !== user || (mode & GROUP_OR_OTHERS_WRITE) !== 0) return false
  for (let above = dirname(folder); ; above = dirname(above)) {
    const { uid, mode } = lstatSync(above)
    const isWritable = (mode & GROUP_OR_OTHERS_WRITE) !== 0 && (mode & STICKY) === 0
    if (isWritable || (uid !== user && uid !== 0)) return false
    if (above === dirname(above)) return true
  }
}
