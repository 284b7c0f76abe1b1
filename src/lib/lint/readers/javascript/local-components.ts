/** Components that lie in the project: members of a workspace, linked folders, archives. */
import type { Hash, Origin, Scope } from '../../bom/index.ts'
import type { ProjectBuilder } from '../builder.ts'
import { resolveInside, unneeded } from '../lock/index.ts'
import type { ReadProject } from '../reader.ts'
import type { LockContext } from './lock-context.ts'
import { folderComponent, readManifest } from './manifest.ts'

interface LocalFolder {
  readonly origin: Origin
  readonly scope: Scope
  readonly name?: string | undefined
  readonly version?: string | undefined
}

/**
 * @param target as the lockfile writes it; one that leads out of the project is kept with a warning, and not read
 * @returns its ref
 */
export function addLocalFolder(
  builder: ProjectBuilder,
  context: LockContext,
  target: string,
  { origin, scope, name, version }: LocalFolder,
): string {
  const { path: folder, outside } = resolveInside(context.folder, target)
  if (outside) warnOutside(builder, context, folder)
  const manifest = outside ? undefined : readManifest(folder, context)
  const component = folderComponent(folder, manifest, {
    origin,
    scope,
    type: 'library',
    path: context.path,
    name,
    version,
  })
  return builder.add(component)
}

/** An archive in the project that the lockfile pins. @returns its ref */
export function addLocalArchive(
  builder: ProjectBuilder,
  context: LockContext,
  target: string,
  found: {
    readonly name: string
    readonly version?: string | undefined
    readonly scope: Scope
    readonly hashes: readonly Hash[]
  },
): string {
  const { path, outside } = resolveInside(context.folder, target)
  if (outside) warnOutside(builder, context, path)
  const { hashes, ...rest } = found
  return builder.add({
    ...rest,
    ref: `path:${path}`,
    type: 'library',
    origin: 'path',
    hashes: hashes.length === 0 ? undefined : hashes,
    occurrences: [{ path: context.path }],
  })
}

/** The project, with what the builder warned of among the problems of the context. */
export function buildProject(builder: ProjectBuilder, context: LockContext): ReadProject {
  for (const one of builder.problems) context.problems.push(one)
  return builder.build()
}

/** For a lockfile that does not say what the root needs. */
export function dependOnUnneeded(
  builder: ProjectBuilder,
  refs: readonly string[],
  edges: readonly (readonly [string, string])[],
): void {
  for (const ref of unneeded(refs, edges)) builder.depend(builder.root.ref, ref)
  builder.incomplete(builder.root.ref, 'incomplete')
}

function warnOutside(builder: ProjectBuilder, { path }: LockContext, target: string): void {
  builder.warn(`${target} lies outside the scanned folder and is not read`, { path })
}
