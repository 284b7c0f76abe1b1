/** Reads requirements files of pip: what they name, and what the files that they include name. */
import type { Scope } from '../../../bom/index.ts'
import { ProjectBuilder } from '../../builder.ts'
import {
  attempt,
  folderOf,
  manifestFields,
  nameOf,
  readBeside,
  readLockfile,
  resolveInside,
  rootComponent,
} from '../../lock/index.ts'
import type { ProjectFiles, Reader, ReadProblem, ReadResult } from '../../reader.ts'
import { normalizeName, pythonComponent, readPyproject } from '../package/index.ts'
import { entryOf, type RequiredPackage } from './entry.ts'
import { logicalLines } from './lines.ts'
import { type ViaNote, viaNotes } from './via-notes.ts'

/** Files that one file leads to; more are an attack. */
const MAX_FILES = 200

/** Problems of one file after which no more are told. */
const MAX_PROBLEMS = 1000

export const requirementsReader: Reader = {
  id: 'requirements',
  read: (path, files) => readLockfile(path, files, () => readRequirements(path, files)),
}

interface Found {
  readonly pack: RequiredPackage
  readonly path: string
  readonly line: number
  /** Undefined where the file does not say who needs it. */
  readonly via?: ViaNote | undefined
}

function readRequirements(path: string, files: ProjectFiles): ReadResult {
  const folder = projectFolder(path)
  const problems: ReadProblem[] = []
  const facts = readPyproject(folder, files, problems)?.facts ?? {}
  const builder = new ProjectBuilder(
    rootComponent(folder, { occurrences: [{ path }], ...manifestFields(facts) }),
  )
  const walk = new RequirementsWalk(files, problems)
  walk.follow(path)
  const pins = new Map(walk.constraints.map(({ pack }) => [normalizeName(pack.name), pack.version]))
  const scope = scopeOf(path)
  const refs = new Map<Found, string>()
  for (const found of walk.found) {
    const place = { path: found.path, line: found.line }
    const ref = attempt(builder, place, () => addPackage(builder, found.pack, place, pins, walk.index, scope))
    if (ref !== undefined) refs.set(found, ref)
  }
  link(builder, refs)
  for (const one of builder.problems) problems.push(one)
  return { projects: [builder.build()], problems: problems.slice(0, MAX_PROBLEMS) }
}

/** `requirements/dev.txt` is about the folder above. */
function projectFolder(path: string): string {
  const folder = folderOf(path)
  return nameOf(folder) === 'requirements' ? folderOf(folder) : folder
}

/** By the name, which is all that there is: `requirements-dev.txt`, `requirements/test.txt`. */
function scopeOf(path: string): Scope {
  const words = nameOf(path)
    .toLowerCase()
    .split(/[^a-z]+/)
  return words.some((word) => /^(?:dev|devel|development|tests?|testing|docs?|lint|typing|ci)$/.test(word))
    ? 'dev'
    : 'required'
}

function addPackage(
  builder: ProjectBuilder,
  pack: RequiredPackage,
  place: { readonly path: string; readonly line: number },
  pins: ReadonlyMap<string, string | undefined>,
  index: string | undefined,
  scope: Scope,
): string {
  const { name, source } = pack
  const version = pack.version ?? (source.kind === 'registry' ? pins.get(normalizeName(name)) : undefined)
  if (version === undefined && source.kind === 'registry') builder.warn(`${name} has no exact version`, place)
  const folder = folderOf(place.path)
  if (source.kind === 'path' && resolveInside(folder, source.path).outside)
    builder.warn(`${name} lies outside the scanned folder`, place)
  const component = pythonComponent(
    { ...pack, version, source: source.kind === 'registry' ? { kind: 'registry', url: index } : source },
    folder,
    place,
  )
  return builder.add({ ...component, scope })
}

/** Where a file does not say who needs what, the project needs it all, and nothing more is known. */
function link(builder: ProjectBuilder, refs: ReadonlyMap<Found, string>): void {
  const root = builder.root.ref
  const byName = new Map([...refs].map(([{ pack }, ref]) => [normalizeName(pack.name), ref]))
  for (const [{ via }, ref] of refs) {
    if (ref === root) continue
    const needers = (via?.packages ?? []).flatMap((name) => byName.get(normalizeName(name)) ?? [])
    for (const needer of needers) builder.depend(needer, ref)
    if (via === undefined || via.isDirect || needers.length === 0) builder.depend(root, ref)
    if (via === undefined) builder.incomplete(ref, 'unknown')
  }
}

class RequirementsWalk {
  readonly found: Found[] = []
  readonly constraints: Found[] = []
  index: string | undefined
  readonly #files: ProjectFiles
  readonly #problems: ReadProblem[]
  readonly #seen = new Set<string>()

  constructor(files: ProjectFiles, problems: ReadProblem[]) {
    this.#files = files
    this.#problems = problems
  }

  follow(start: string): void {
    const open: [path: string, into: Found[]][] = [[start, this.found]]
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      const [path, into] = next
      // Files may include each other; a file of constraints may be one of requirements too.
      const key = `${into === this.found} ${path}`
      if (this.#seen.has(key) || this.#seen.size >= MAX_FILES) continue
      this.#seen.add(key)
      const content = this.#files.text(path) ?? ''
      const notes = viaNotes(content)
      for (const { text, line } of logicalLines(content)) {
        const entry = entryOf(text)
        const place = { path, line }
        if (entry.kind === 'package') into.push({ pack: entry.pack, ...place, via: notes?.get(line) })
        else if (entry.kind === 'index') this.index ??= entry.url
        else if (entry.kind === 'unknown') this.#warn('this line is not understood and is left out', place)
        else if (entry.kind !== 'option') {
          const target = this.#target(entry.path, place)
          if (target !== undefined) open.push([target, entry.kind === 'include' ? into : this.constraints])
        }
      }
    }
  }

  #target(written: string, place: { readonly path: string; readonly line: number }): string | undefined {
    const problem = (why: string) => this.#warn(`${written || 'a file without a name'} ${why}`, place)
    if (/^[a-z][a-z0-9+.-]+:/i.test(written)) return problem('is not in the project and is not read')
    const { path, outside } = resolveInside(folderOf(place.path), written)
    if (outside) return problem('lies outside the scanned folder and is not read')
    const unread: ReadProblem[] = []
    const text = readBeside(path, unread, () => this.#files.text(path))
    if (text === undefined) return problem('cannot be read')
    return path
  }

  #warn(message: string, place: { readonly path: string; readonly line: number }): undefined {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push({ severity: 'warning', message, ...place })
    return undefined
  }
}
