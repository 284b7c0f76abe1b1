/** What a Go program is made of, by its build information. */
import { isAivError } from '../../../../core/index.ts'
import type { Component } from '../../../bom/index.ts'
import type { ProjectBuilder } from '../../builder.ts'
import { goComponent, standardLibrary } from '../../go/component.ts'
import { attempt } from '../../lock/index.ts'
import type { GoBuildInfo } from './build-info.ts'
import { type LinkedModule, type LinkedModules, parseLinkedModules } from './modules.ts'

/** Settings that say what was built. Others, such as flags of the compiler, may hold paths and secrets. */
const SETTINGS = ['GOOS', 'GOARCH', 'vcs.revision', 'vcs.time', 'vcs.modified']

/** What the build information says of the program itself. */
export function goProgram(info: GoBuildInfo): Partial<Component> {
  const { program, main, settings } = parseLinkedModules(info.modules)
  const version = main === undefined || !isVersion(main.version) ? undefined : main.version
  const properties: Record<string, string> = { 'aiv:go:version': info.goVersion }
  if (program !== undefined) properties['aiv:go:package'] = program
  for (const name of SETTINGS) {
    const value = settings.get(name)
    if (value !== undefined) properties[`aiv:go:${name}`] = value
  }
  return {
    properties,
    ...(main === undefined ? {} : { name: main.path }),
    ...(main === undefined || version === undefined ? {} : published(main.path, version, settings)),
  }
}

/** A program that was built from a released module, which its proxy has. */
function published(path: string, version: string, settings: ReadonlyMap<string, string>): Partial<Component> {
  let known: Component
  try {
    const parts = {
      scope: 'required',
      sum: undefined,
      replaces: undefined,
      file: '',
      line: undefined,
    } as const
    known = goComponent({ path, version, ...parts })
  } catch (error) {
    // A path that no proxy could have.
    if (!isAivError(error)) throw error
    return { version }
  }
  const { purl, source } = known
  const revision = settings.get('vcs.revision')
  return {
    version,
    ...(purl === undefined ? {} : { purl }),
    ...(source === undefined ? {} : { source: { ...source, revision: revision ?? source.revision } }),
  }
}

/** Adds the modules and the standard library as dependencies of the root. */
export function addGoModules(builder: ProjectBuilder, info: GoBuildInfo, path: string): void {
  const modules = parseLinkedModules(info.modules)
  for (const module of modules.dependencies)
    attempt(builder, { path }, () => addModule(builder, module, path))
  const library = standardLibrary(releaseOf(info.goVersion), path)
  if (library !== undefined) addLinked(builder, library)
  warnOf(builder, modules, path)
}

function warnOf(builder: ProjectBuilder, modules: LinkedModules, path: string): void {
  if (modules.odd > 0)
    builder.warn(`${modules.odd} lines of its build information say nothing that is known`, { path })
  if (modules.program !== undefined || modules.main !== undefined) return
  builder.warn('the Go program does not say of which modules it is made; the answer is inconclusive', {
    path,
  })
  builder.incomplete(builder.root.ref, 'unknown')
}

function addModule(builder: ProjectBuilder, module: LinkedModule, path: string): void {
  const linked = module.replacement ?? module
  const replaced = `${module.path}@${module.version}`
  if (!isVersion(linked.version)) {
    addLinked(builder, localModule(builder, module, path))
    return
  }
  addLinked(
    builder,
    goComponent({
      path: linked.path,
      version: linked.version,
      scope: 'required',
      sum: linked.sum,
      replaces: module.replacement === undefined ? undefined : replaced,
      file: path,
      line: undefined,
    }),
  )
}

/** Code from a folder of the machine that built it, whose path is nobody's business. */
function localModule(builder: ProjectBuilder, { path: name }: LinkedModule, path: string): Component {
  return {
    ref: `${builder.root.ref}#${name}`,
    type: 'library',
    name,
    origin: 'path',
    scope: 'required',
    occurrences: [{ path }],
  }
}

/** Build information is a list: who of them needs whom is not in it. */
function addLinked(builder: ProjectBuilder, component: Component): void {
  const ref = builder.add({ ...component, origin: component.origin === 'path' ? 'path' : 'binary' })
  builder.depend(builder.root.ref, ref)
  builder.incomplete(ref, 'unknown')
}

function isVersion(version: string): boolean {
  return /^v\d/.test(version)
}

/** Before Go 1.21 the first release of a line had no third number. */
function releaseOf(goVersion: string): string {
  const [words = ''] = goVersion.split(' ')
  return /^go1\.\d{1,2}$/.test(words) ? `${words}.0` : words
}
