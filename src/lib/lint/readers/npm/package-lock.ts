/** `package-lock.json` and `npm-shrinkwrap.json`, lockfileVersion 1 to 3 (npm documentation, package-lock.json). */
import { type LockContext, readLock, unusable } from '../javascript/index.ts'
import { parseJson } from '../parse/json.ts'
import { field, isTable } from '../parse/shape.ts'
import type { Reader, ReadProject } from '../reader.ts'
import { readInstalledTree } from './installed-tree.ts'
import { readNestedDependencies } from './nested-dependencies.ts'

export const npmReader: Reader = {
  id: 'npm',
  read: (path, files) => readLock(path, files, parseJson, readPackageLock),
}

function readPackageLock(lock: unknown, context: LockContext): readonly ReadProject[] {
  if (!isTable(lock)) throw unusable('it is no lockfile of npm: there is no object in it')
  const version = field(lock, 'lockfileVersion') ?? 1
  if (version !== 1 && version !== 2 && version !== 3)
    throw unusable(
      `lockfileVersion ${JSON.stringify(version)?.slice(0, 20)} of npm is not known; 1, 2 and 3 are`,
    )
  // Version 2 holds both forms; some tools write it with the older one only.
  return [
    isTable(field(lock, 'packages')) && version !== 1
      ? readInstalledTree(lock, context)
      : readNestedDependencies(lock, context),
  ]
}
