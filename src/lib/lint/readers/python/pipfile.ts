/** Pipfile.lock of Pipenv: a list of pinned packages without edges. */
import type { Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import { attempt, folderOf, readLockfile, rootComponent, unknownVersion } from '../lock/index.ts'
import { entries, field, isTable, parseJson, string, strings, tables } from '../parse/index.ts'
import type { Reader, ReadResult } from '../reader.ts'
import { type PythonSource, prefixedHash, pythonComponent, sortedHashes } from './package/index.ts'

export const pipfileReader: Reader = {
  id: 'pipenv',
  read: (path, files) => readLockfile(path, files, (text) => readPipfile(path, text)),
}

function readPipfile(path: string, text: string): ReadResult {
  const lock = parseJson(text)
  const spec = field(field(lock, '_meta'), 'pipfile-spec')
  if (spec !== undefined && spec !== 6) unknownVersion(text, /"pipfile-spec"/, spec, '6')
  const folder = folderOf(path)
  const builder = new ProjectBuilder(rootComponent(folder, { occurrences: [{ path }] }))
  const indexes = new Map(
    tables(field(field(lock, '_meta'), 'sources')).map((one) => [
      string(field(one, 'name')) ?? '',
      string(field(one, 'url')),
    ]),
  )
  const lines = new KeyLines(text)
  for (const [category, packages] of entries(lock)) {
    if (category === '_meta') continue
    // Besides these two, a Pipfile may have categories of its own, which are installed when they are asked for.
    const scope = category === 'default' ? 'required' : category === 'develop' ? 'dev' : 'optional'
    for (const [name, entry] of entries(packages)) {
      const place = { path, line: lines.after(name) }
      const ref = attempt(builder, place, () =>
        addPackage(builder, name, entry, scope, indexes, folder, place),
      )
      if (ref === undefined) continue
      builder.depend(builder.root.ref, ref)
      builder.incomplete(ref, 'unknown')
    }
  }
  return { projects: [builder.build()], problems: builder.problems }
}

function addPackage(
  builder: ProjectBuilder,
  name: string,
  entry: unknown,
  scope: Scope,
  indexes: ReadonlyMap<string, string | undefined>,
  folder: string,
  place: { readonly path: string; readonly line: number | undefined },
): string | undefined {
  if (!isTable(entry)) {
    builder.warn(`${name} is no package entry and is left out`, place)
    return undefined
  }
  const source = sourceOf(entry, indexes)
  const pinned = string(field(entry, 'version'))?.replace(/^={2,3}\s*/, '')
  const component = pythonComponent(
    {
      name,
      version: pinned === '*' ? undefined : pinned,
      source,
      // Which hash is of which archive is not said.
      hashes: sortedHashes(strings(field(entry, 'hashes')).flatMap((hash) => prefixedHash(hash) ?? [])),
    },
    folder,
    place,
  )
  if (component.version === undefined && source.kind === 'registry')
    builder.warn(`${name} has no exact version`, place)
  return builder.add({ ...component, scope })
}

function sourceOf(entry: unknown, indexes: ReadonlyMap<string, string | undefined>): PythonSource {
  const text = (key: string) => string(field(entry, key))
  const git = text('git')
  if (git !== undefined)
    return { kind: 'git', url: git, revision: text('ref'), subdirectory: text('subdirectory') }
  const local = text('path')
  if (local !== undefined) return { kind: 'path', path: local }
  const file = text('file')
  if (file !== undefined)
    return /^https?:/.test(file) ? { kind: 'url', url: file } : { kind: 'path', path: file }
  return { kind: 'registry', url: indexes.get(text('index') ?? '') }
}

/** Lines of keys in the order in which they stand; JSON parsers do not tell them. */
class KeyLines {
  readonly #text: string
  #at = 0
  #line = 1
  #isLost = false

  constructor(text: string) {
    this.#text = text
  }

  /** The line of the next `"key": {` after the one that was found last. After one that is not found, none is. */
  after(key: string): number | undefined {
    if (this.#isLost) return undefined
    const wanted = JSON.stringify(key)
    for (let from = this.#at; ; ) {
      const found = this.#text.indexOf(wanted, from)
      if (found === -1) {
        this.#isLost = true
        return undefined
      }
      from = found + wanted.length
      if (!/^\s*:\s*\{/.test(this.#text.slice(from, from + 100))) continue
      for (let at = this.#text.indexOf('\n', this.#at); at !== -1 && at < found; ) {
        this.#line += 1
        at = this.#text.indexOf('\n', at + 1)
      }
      this.#at = found
      return this.#line
    }
  }
}
