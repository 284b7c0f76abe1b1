/** Addresses and paths that stand where a version would: repositories, archives, folders. */
import type { PythonSource } from './component.ts'

/**
 * What an address or path in the place of a version leads to.
 * @returns undefined for version control systems other than git
 */
export function sourceAt(address: string): PythonSource | undefined {
  const [location = '', fragment = ''] = address.split('#')
  if (/^git\+|^git:/.test(location)) {
    const pathStart = location.indexOf('/', location.indexOf('://') + 3)
    const at = location.lastIndexOf('@')
    const hasRevision = at > pathStart && pathStart > 2
    return {
      kind: 'git',
      url: hasRevision ? location.slice(0, at) : location,
      revision: hasRevision ? location.slice(at + 1) : undefined,
      subdirectory: new URLSearchParams(fragment).get('subdirectory') ?? undefined,
    }
  }
  // `-e https://host/repository.git` is a repository although it does not say so.
  if (/^https?:\/\/.*\.git$/.test(location)) return { kind: 'git', url: location }
  if (/^https?:\/\//.test(location)) return { kind: 'url', url: location }
  if (/^(?!file:)[a-z][a-z0-9+.-]+:\/\//i.test(location)) return undefined
  return { kind: 'path', path: location.replace(/\[[^\]]*\]$/, '') }
}
