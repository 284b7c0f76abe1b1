/** `mix.lock` of Elixir. What the project itself asks for stands in `mix.exs`, a program, which is not run. */
import type { Component, Occurrence } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  hexHash,
  isOutside,
  oneProject,
  readLockfile,
  resolveInside,
  rootComponent,
  unneeded,
} from '../lock/index.ts'
import { UnreadableText } from '../parse/index.ts'
import type { Reader } from '../reader.ts'
import { parseElixirTerm } from './elixir-terms.ts'
import { hexComponent, hexGitComponent, localComponent, unknownForm } from './package.ts'
import { isAtom, listItems, option, type Pair, type Term, termText, tupleItems } from './term-scanner.ts'

export const mixReader: Reader = {
  id: 'mix',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const builder = new ProjectBuilder(rootComponent(folderOf(path)))
      const refs = new Map<string, string>()
      const locked = lockedPackages(text)
      for (const { key, value, line } of locked) {
        const place = { path, line }
        const app = termText(key) ?? ''
        const ref = attempt(builder, place, () => builder.add(componentOf(app, value, place)))
        if (ref === undefined) continue
        if (isOutside(ref)) builder.warn(`${app} lies outside the project`, place)
        refs.set(app, ref)
      }
      connect(builder, locked, refs)
      return oneProject(builder)
    }),
}

/** A map today, a keyword list before Elixir 0.15. */
function lockedPackages(text: string): readonly Pair[] {
  if (text.trim() === '') return []
  const term = parseElixirTerm(text)
  if (typeof term === 'object' && 'kind' in term && term.kind === 'map') return term.pairs
  if (!Array.isArray(term))
    throw new UnreadableText('it is no mix.lock: it holds no map', { line: 1, column: 1 })
  return listItems(term).flatMap((item) => {
    const [key, value] = tupleItems(item)
    return key === undefined || value === undefined ? [] : [{ key, value, line: 1 }]
  })
}

function componentOf(app: string, value: Term, place: Occurrence): Component {
  const [kind, ...fields] = tupleItems(value)
  if (isAtom(kind, 'hex') || isAtom(kind, 'package')) {
    const [name, version, , , , repository, outer] = isAtom(kind, 'hex') ? fields : [app, ...fields]
    return hexComponent({
      name: termText(name) ?? app,
      version: termText(version),
      repository: termText(repository),
      // The first checksum is of what lies inside the archive, the second of the archive.
      hash: hexHash('sha256', termText(outer) ?? ''),
      place,
    })
  }
  if (isAtom(kind, 'git')) {
    const [url, revision, options] = fields
    return hexGitComponent({
      name: app,
      url: termText(url) ?? '',
      revision: termText(revision),
      subfolder: termText(option(options, 'subdir') ?? option(options, 'sparse')),
      place,
    })
  }
  if (isAtom(kind, 'path') && app !== '')
    return localComponent(app, resolveInside(folderOf(place.path), termText(fields[0]) ?? '.').path, place)
  throw unknownForm(app)
}

function connect(builder: ProjectBuilder, locked: readonly Pair[], refs: ReadonlyMap<string, string>): void {
  const edges: [string, string][] = []
  for (const { key, value } of locked) {
    const from = refs.get(termText(key) ?? '')
    if (from === undefined) continue
    const [kind, , , , , needs] = tupleItems(value)
    if (!isAtom(kind, 'hex') || needs === undefined) builder.incomplete(from, 'unknown')
    for (const need of listItems(needs)) {
      const to = refs.get(termText(tupleItems(need)[0]) ?? '')
      if (to !== undefined) edges.push([from, to])
    }
  }
  for (const [from, to] of edges) builder.depend(from, to)
  builder.incomplete(builder.root.ref, 'incomplete')
  for (const ref of unneeded([...refs.values()], edges)) builder.depend(builder.root.ref, ref)
}
