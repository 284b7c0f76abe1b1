/**
 * Files that are written into a repository. Who sends a change may have put a link where the report of the change
 * goes: what it leads to, such as the start-up file of a shell, must not be written with words from the repository.
 */
import { lstat, realpath } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { AivError } from '../../core/index.ts'

/**
 * Follows the links below the working folder; a file that is named outside of it is the user's own choice.
 * @throws AivError `E_INPUT` where one leads out of the folder, to nothing, or into the files of git
 */
export async function refuseLinkOut(file: string, folder: string = process.cwd()): Promise<void> {
  const top = await realpath(folder)
  const path = relative(top, resolve(folder, file))
  if (path === '..' || path.startsWith(`..${sep}`) || resolve(path) === path) return
  let at = top
  for (const part of path.split(sep)) {
    at = join(at, part)
    const isLink = (await lstat(at).catch(() => undefined))?.isSymbolicLink() === true
    if (!isLink) continue
    const target = await realpath(at).catch(() => undefined)
    const inside = target === undefined ? ['..'] : relative(top, target).split(sep)
    if (inside[0] === '..' || inside.includes('.git') || resolve(inside.join(sep)) === inside.join(sep))
      throw new AivError('E_INPUT', `${file} is not written: a link on the way leads out of the folder`, {
        hint: `Take the link ${relative(top, at)} away, or name the place that it leads to`,
      })
  }
}
