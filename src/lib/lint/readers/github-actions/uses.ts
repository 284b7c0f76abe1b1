/** What a step or job uses: an action or workflow of a repository, a container image, or something of the project. */

export type Use =
  | {
      readonly kind: 'repository'
      readonly owner: string
      readonly name: string
      /** Folder or file in the repository. */
      readonly subpath: string | undefined
      /** Tag, branch or commit. */
      readonly ref: string
    }
  | { readonly kind: 'image'; readonly image: Image }
  | { readonly kind: 'local'; readonly path: string }

export interface Image {
  /** Host, where it is not that of Docker. */
  readonly registry: string | undefined
  readonly namespace: string | undefined
  readonly name: string
  /** Tag, or `sha256:…`. */
  readonly version: string | undefined
}

/** @returns undefined for what is none, such as an expression that only a run resolves */
export function parseUse(text: string): Use | undefined {
  if (text.includes('${{')) return undefined
  if (text.startsWith('docker://')) {
    const image = parseImage(text.slice('docker://'.length))
    return image === undefined ? undefined : { kind: 'image', image }
  }
  if (text.startsWith('./') || text.startsWith('../')) return { kind: 'local', path: text }
  const [, owner, name, subpath, ref] = /^([\w.-]+)\/([\w.-]+)((?:\/[^@\s]*)?)@(\S+)$/.exec(text) ?? []
  if (owner === undefined || name === undefined || ref === undefined) return undefined
  return { kind: 'repository', owner, name, subpath: subpath?.slice(1) || undefined, ref }
}

/** Reference of the distribution specification: `[host/]path[:tag][@digest]`. */
export function parseImage(text: string): Image | undefined {
  const [, path, tag, digest] =
    /^([\w.-]+(?::\d+)?(?:\/[\w.-]+)*)(?::([\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(text) ?? []
  if (path === undefined) return undefined
  const parts = path.split('/')
  const [first = ''] = parts
  // The first part is a host if it could be no name of a user.
  const hasHost = parts.length > 1 && (/[.:]/.test(first) || first === 'localhost')
  const registry = hasHost ? parts.shift() : undefined
  const name = parts.pop()
  if (name === undefined || name === '') return undefined
  const namespace = parts.join('/')
  const isDocker = registry === 'docker.io' || registry === 'index.docker.io'
  return {
    registry: isDocker ? undefined : registry,
    namespace: namespace === '' || namespace === 'library' ? undefined : namespace,
    name,
    version: digest ?? tag,
  }
}
