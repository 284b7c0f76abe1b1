/** The modules of a build, from what go.mod requires: one version of each path (minimal version selection). */
import type { ModFile, ModuleVersion, Replacement, Requirement } from './mod-file.ts'
import { compareVersions } from './module-version.ts'

export interface BuildModule {
  readonly required: Requirement
  /** What stands in for it: another module, or a folder when it has no version. */
  readonly replacement: ModuleVersion | undefined
  /** A `tool` directive names one of its packages. */
  readonly isTool: boolean
}

export interface BuildList {
  readonly modules: readonly BuildModule[]
  /** Requirements that an `exclude` makes void. */
  readonly excluded: readonly Requirement[]
}

/** @param replace of go.work first, then of go.mod */
export function buildList(file: ModFile, replace: readonly Replacement[]): BuildList {
  const excluded = new Set(file.exclude.map(keyOf))
  const chosen = new Map<string, Requirement>()
  const left: Requirement[] = []
  for (const one of file.require) {
    const known = chosen.get(one.path)
    if (excluded.has(keyOf(one))) left.push(one)
    else if (known === undefined || compareVersions(known.version, one.version) < 0) chosen.set(one.path, one)
  }
  const replacements = new Map<string, ModuleVersion>()
  for (const { from, to } of replace) if (!replacements.has(keyOf(from))) replacements.set(keyOf(from), to)
  const tools = new Set(file.tool.map((pack) => moduleOf(pack, chosen)))
  return {
    modules: [...chosen.values()].map((required) => ({
      required,
      replacement: replacements.get(keyOf(required)) ?? replacements.get(required.path),
      isTool: tools.has(required.path),
    })),
    excluded: left,
  }
}

function keyOf({ path, version }: ModuleVersion): string {
  return version === undefined ? path : `${path} ${version}`
}

/** The module with the longest path that the package lies in. */
function moduleOf(pack: string, modules: ReadonlyMap<string, unknown>): string | undefined {
  for (let path = pack; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/'))))
    if (modules.has(path)) return path
  return undefined
}
