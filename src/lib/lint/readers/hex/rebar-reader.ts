/** `rebar.lock` of Erlang, versions 1.1.0 and 1.2.0 and the list without a version before them. */
import type { Component, Hash } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import { attempt, folderOf, hexHash, oneProject, readLockfile, rootComponent } from '../lock/index.ts'
import { UnreadableText } from '../parse/index.ts'
import type { Reader } from '../reader.ts'
import { parseErlangTerms } from './erlang-terms.ts'
import { hexComponent, hexGitComponent, unknownForm } from './package.ts'
import { isAtom, listItems, type Term, termText, tupleItems } from './term-scanner.ts'

const KNOWN_VERSIONS = ['1.1.0', '1.2.0']

export const rebarReader: Reader = {
  id: 'rebar',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const [first, extra] = parseErlangTerms(text)
      const builder = new ProjectBuilder(rootComponent(folderOf(path)))
      const hashes = archiveHashes(extra)
      for (const entry of lockedPackages(first)) {
        const [name = '', source, level] = tupleItems(entry)
        const component = attempt(builder, { path }, () =>
          componentOf(termText(name) ?? '', source, hashes, path),
        )
        if (component === undefined) continue
        const ref = builder.add(component)
        // The level is the distance from the project; which package of the level above needs it is not said.
        if (level === 0) builder.depend(builder.root.ref, ref)
        builder.incomplete(ref, 'unknown')
      }
      return oneProject(builder)
    }),
}

function lockedPackages(first: Term | undefined): readonly Term[] {
  if (first === undefined || Array.isArray(first)) return listItems(first)
  const [version, packages] = tupleItems(first)
  if (typeof version !== 'string' || !KNOWN_VERSIONS.includes(version))
    throw new UnreadableText(
      `it has version ${JSON.stringify(termText(version))}; versions ${KNOWN_VERSIONS.join(' and ')} are known`,
      { line: 1, column: 1 },
    )
  return listItems(packages)
}

/** `pkg_hash` is of what lies inside the archives, `pkg_hash_ext` of the archives. */
function archiveHashes(extra: Term | undefined): ReadonlyMap<string, Hash> {
  const found = new Map<string, Hash>()
  for (const section of listItems(extra)) {
    const [kind, hashes] = tupleItems(section)
    if (!isAtom(kind, 'pkg_hash_ext')) continue
    for (const pair of listItems(hashes)) {
      const [name, value] = tupleItems(pair).map((term) => termText(term) ?? '')
      const hash = hexHash('sha256', value ?? '')
      if (name !== undefined && hash !== undefined) found.set(name, hash)
    }
  }
  return found
}

function componentOf(
  app: string,
  source: Term | undefined,
  hashes: ReadonlyMap<string, Hash>,
  path: string,
): Component {
  const [kind, location, version, subfolder] = tupleItems(source)
  if (isAtom(kind, 'raw')) return componentOf(app, location, hashes, path)
  if (isAtom(kind, 'pkg'))
    return hexComponent({
      name: termText(location) ?? app,
      version: termText(version),
      hash: hashes.get(app),
      place: { path },
    })
  if (isAtom(kind, 'git') || isAtom(kind, 'git_subdir'))
    return hexGitComponent({
      name: app,
      url: termText(location) ?? '',
      revision: termText(tupleItems(version)[1]),
      subfolder: termText(subfolder),
      place: { path },
    })
  throw unknownForm(app)
}
