/** The `dependencies` of lockfileVersion 1: a tree in which each package holds those installed inside it. */
import type { Component, Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  addLocalArchive,
  addLocalFolder,
  buildProject,
  dependOnUnneeded,
  folderComponent,
  integrityHashes,
  type LockContext,
  npmComponent,
  readManifest,
} from '../javascript/index.ts'
import { attempt } from '../lock/index.ts'
import { entries, field, isTable, string, type Table } from '../parse/shape.ts'
import type { ReadProject } from '../reader.ts'
import { weakerScope } from '../scopes.ts'

interface Installed {
  readonly ref: string
  readonly entry: Table
  /** What its `node_modules` has. */
  readonly inside: Map<string, Installed>
  readonly around: Installed | undefined
  readonly scope: Scope
}

export function readNestedDependencies(lock: Table, context: LockContext): ReadProject {
  const manifest = readManifest(context.folder, context)
  const root = folderComponent(context.folder, manifest, {
    origin: 'workspace',
    scope: 'required',
    type: 'application',
    path: context.path,
    name: string(field(lock, 'name')),
    version: string(field(lock, 'version')),
  })
  const builder = new ProjectBuilder(root)
  const top: Installed = {
    ref: root.ref,
    entry: lock,
    inside: new Map(),
    around: undefined,
    scope: 'required',
  }
  const all = install(top, builder, context)
  const edges: [string, string][] = []
  for (const from of all)
    for (const [name] of entries(field(from.entry, 'requires'))) {
      const to = resolve(from, name)
      if (to !== undefined) {
        edges.push([from.ref, to.ref])
      } else if (!isOptional(from.entry, name)) builder.incomplete(from.ref, 'incomplete')
    }
  const needed = new Set(edges.map(([, to]) => to))
  // The oldest shrinkwraps do not say who requires what: a package is inside the one that does.
  for (const { ref, around } of all)
    if (around !== undefined && around !== top && !needed.has(ref)) {
      edges.push([around.ref, ref])
      builder.incomplete(around.ref, 'incomplete')
    }
  for (const [from, to] of edges) builder.depend(from, to)
  if (manifest === undefined) {
    dependOnUnneeded(
      builder,
      all.map(({ ref }) => ref),
      edges,
    )
    return buildProject(builder, context)
  }
  for (const { name, mayBeAbsent } of manifest.needs) {
    const to = top.inside.get(name)
    if (to !== undefined) builder.depend(root.ref, to.ref)
    else if (!mayBeAbsent) builder.incomplete(root.ref, 'incomplete')
  }
  return buildProject(builder, context)
}

/** Adds all packages, whatever their depth, without recursion. */
function install(top: Installed, builder: ProjectBuilder, context: LockContext): readonly Installed[] {
  const all: Installed[] = []
  const open = [top]
  for (let around = open.pop(); around !== undefined; around = open.pop())
    for (const [key, entry] of entries(field(around.entry, 'dependencies'))) {
      // Trees that were merged by hand keep the place in the key.
      const name = key.slice(key.lastIndexOf('node_modules/') + 1).replace(/^ode_modules\//, '')
      if (!isTable(entry) || name === '') {
        builder.warn(
          `the entry ${JSON.stringify(key).slice(0, 100)} of the lockfile is no package; it is left out`,
          {
            path: context.path,
          },
        )
        continue
      }
      // Nobody but the package around it and what else is in there can reach it.
      const scope = weakerScope(scopeOf(entry), around.scope)
      const place = { path: context.path }
      const ref = attempt(builder, place, () => addPackage(name, entry, scope, builder, context))
      if (ref === undefined) continue
      const installed = { ref, entry, inside: new Map(), around, scope }
      around.inside.set(name, installed)
      all.push(installed)
      open.push(installed)
    }
  return all
}

function addPackage(
  name: string,
  entry: Table,
  scope: Scope,
  builder: ProjectBuilder,
  context: LockContext,
): string {
  const written = string(field(entry, 'version')) ?? ''
  const hashes = integrityHashes(string(field(entry, 'integrity')))
  if (written.startsWith('file:')) {
    const target = written.slice('file:'.length)
    return /\.(?:tgz|tar\.gz|tar)$/.test(target)
      ? addLocalArchive(builder, context, target, { name, scope, hashes })
      : addLocalFolder(builder, context, target, { origin: 'path', scope, name })
  }
  return builder.add(registryOrRemote(name, written, entry, { hashes, scope, path: context.path }))
}

/** The `version` is a version, `npm:REAL@VERSION` for an alias, or the address of anything else. */
function registryOrRemote(
  name: string,
  written: string,
  entry: Table,
  { hashes, scope, path }: Pick<Component, 'hashes'> & { scope: Scope; path: string },
): Component {
  const base = { hashes: hashes ?? [], scope, path, bundled: field(entry, 'bundled') === true }
  const resolved = string(field(entry, 'resolved'))
  if (written.startsWith('npm:')) {
    const at = written.lastIndexOf('@')
    const real = at <= 'npm:'.length ? written.slice('npm:'.length) : written.slice('npm:'.length, at)
    const version = at <= 'npm:'.length ? undefined : written.slice(at + 1)
    return npmComponent({ ...base, name: real, version, resolved, alias: name })
  }
  return /[:/]/.test(written)
    ? npmComponent({ ...base, name, resolved: written })
    : npmComponent({ ...base, name, version: written === '' ? undefined : written, resolved })
}

/** As Node does: inside the package itself, then in each one around it. */
function resolve(from: Installed, name: string): Installed | undefined {
  for (let at: Installed | undefined = from; at !== undefined; at = at.around) {
    const found = at.inside.get(name)
    if (found !== undefined) return found
  }
  return undefined
}

/** Version 1 does not say which needs are optional; one that is nowhere may be for another platform. */
function isOptional(entry: Table, name: string): boolean {
  return (
    isTable(field(entry, 'optionalDependencies')) &&
    Object.hasOwn(field(entry, 'optionalDependencies') as Table, name)
  )
}

function scopeOf(entry: Table): Scope {
  if (field(entry, 'dev') === true) return 'dev'
  return field(entry, 'optional') === true ? 'optional' : 'required'
}
