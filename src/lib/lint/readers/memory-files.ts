/** A project that is not on a disk: what stdin held, an embedded document, the inputs of tests. */
import type { ProjectFiles } from './reader.ts'

export class MemoryFiles implements ProjectFiles {
  readonly #files: ReadonlyMap<string, string | Uint8Array>

  /** @param files by path, relative with `/` */
  constructor(files: Readonly<Record<string, string | Uint8Array>>) {
    this.#files = new Map(Object.entries(files))
  }

  text(path: string): string | undefined {
    const content = this.#files.get(path)
    return typeof content === 'string' || content === undefined ? content : new TextDecoder().decode(content)
  }

  bytes(path: string): Uint8Array | undefined {
    const content = this.#files.get(path)
    return typeof content === 'string' ? new TextEncoder().encode(content) : content
  }

  list(folder: string): readonly string[] {
    const prefix = folder === '' || folder === '.' ? '' : `${folder}/`
    const names = new Set<string>()
    for (const path of this.#files.keys()) {
      if (!path.startsWith(prefix)) continue
      const [first = '', ...rest] = path.slice(prefix.length).split('/')
      names.add(rest.length === 0 ? first : `${first}/`)
    }
    return [...names].sort()
  }
}
