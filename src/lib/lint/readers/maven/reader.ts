/**
 * `pom.xml` of Maven: what a project asks for itself. What those packages need in turn stands in repositories, which
 * are not asked; parents and lists of versions are used as far as they lie in the project.
 */
import type { Component, Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import { attempt, folderOf, guardFile, oneProject, resolveInside } from '../lock/index.ts'
import type { Reader } from '../reader.ts'
import { mavenComponent } from './component.ts'
import { type EffectivePom, effectivePom } from './effective-pom.ts'
import { isUnresolved } from './interpolation.ts'
import type { PomDependency } from './pom.ts'
import { pomRoot } from './pom-root.ts'
import { pomStore } from './pom-store.ts'
import { type Reactor, type ReactorModule, reactorModules } from './reactor.ts'

export const mavenReader: Reader = {
  id: 'maven',
  read: (path, files) =>
    guardFile(path, () => {
      const store = pomStore(files)
      const pom = store.open(path)
      if (pom === undefined)
        return { projects: [], problems: [{ severity: 'error', message: 'it cannot be opened', path }] }
      if (!('project' in pom)) return { projects: [], problems: [pom] }
      const effective = effectivePom(pom, store)
      const builder = new ProjectBuilder(pomRoot(effective))
      for (const one of effective.problems) builder.problems.push(one)
      if (effective.parentMissing) builder.incomplete(builder.root.ref, 'incomplete')
      const reactor = reactorModules(path, store)
      for (const module of store.modules(pom).flatMap((file) => reactor.at(file) ?? []))
        builder.depend(builder.root.ref, builder.add(moduleComponent(module)))
      for (const entry of effective.dependencies) addDependency(builder, entry, effective, reactor)
      return oneProject(builder)
    }),
}

function moduleComponent({ pom: { path }, name, version }: ReactorModule): Component {
  return {
    ref: `path:${folderOf(path)}`,
    type: 'library',
    name,
    version,
    origin: 'workspace',
    scope: 'required',
    occurrences: [{ path }],
  }
}

function addDependency(
  builder: ProjectBuilder,
  entry: PomDependency,
  { pom }: EffectivePom,
  reactor: Reactor,
): void {
  const place = { path: pom.path, line: entry.line }
  const name = `${entry.group}:${entry.artifact}`
  const module = reactor.find(name, entry.version)
  const scope = scopeOf(entry)
  if (module !== undefined) {
    builder.depend(builder.root.ref, builder.add({ ...moduleComponent(module), scope }))
    return
  }
  const { version, reason } = lockedVersion(entry.version)
  const ref = attempt(builder, place, () => {
    const { group, artifact, type, classifier } = entry
    const found = mavenComponent({ group, name: artifact, version, type, classifier, place })
    return builder.add(
      entry.scope === 'system' ? systemComponent(found, entry, pom.path) : withScope(found, entry, scope),
    )
  })
  if (ref === undefined) return
  if (reason !== undefined) builder.warn(`${name} has no version here: ${reason}`, place)
  builder.depend(builder.root.ref, ref)
  builder.incomplete(ref, 'unknown')
}

function withScope(component: Component, { scope: written }: PomDependency, scope: Scope): Component {
  return {
    ...component,
    scope,
    // Needed at run time, but whoever runs the program has to bring it.
    properties: written === 'provided' ? { 'aiv:maven:scope': 'provided' } : undefined,
  }
}

/** A file on the machine, which no repository has. */
function systemComponent(component: Component, { systemPath }: PomDependency, path: string): Component {
  const written = (systemPath ?? '').replace(/^\$\{(?:project\.)?basedir\}\//, '')
  const { path: file, outside } = resolveInside(folderOf(path), written)
  const known = written !== '' && !isUnresolved(written) && !outside
  return {
    ...component,
    ref: known ? `path:${file}` : `maven-system:${component.name}@${component.version ?? ''}`,
    purl: undefined,
    origin: 'path',
  }
}

function scopeOf({ scope, optional }: PomDependency): Scope {
  if (scope === 'test') return 'dev'
  return optional === 'true' ? 'optional' : 'required'
}

/** Only one version is a version: ranges and words such as `LATEST` are settled by a repository. */
function lockedVersion(text: string | undefined): {
  readonly version?: string | undefined
  readonly reason?: string | undefined
} {
  if (text === undefined) return { reason: 'neither this project nor a parent in it gives one' }
  if (isUnresolved(text)) return { reason: `${text} has no value` }
  const exact = /^\[([^[\](),]{1,200})\]$/.exec(text)?.[1]
  if (exact !== undefined) return { version: exact.trim() }
  if (/[[\](),]/.test(text) || text === 'LATEST' || text === 'RELEASE')
    return { reason: `${text} leaves the choice to the repository` }
  return { version: text }
}
