/** What a POM and its parents say as one: coordinates, and values for the names in them. */
import { Interpolation, isUnresolved } from './interpolation.ts'
import type { Pom, PomDependency } from './pom.ts'

/** What names a project, which costs no reading of dependencies. */
export function coordinates(
  poms: readonly Pom[],
  interpolation: Interpolation,
): { readonly group: string; readonly artifact: string; readonly version: string | undefined } {
  const version = interpolation.value('project.version')
  return {
    group: interpolation.value('project.groupId') ?? '',
    artifact: interpolation.resolve(poms[0]?.artifact ?? ''),
    version: version === undefined || isUnresolved(version) ? undefined : version,
  }
}

/** Values are looked up from the POM that is built, also for what stands in its parents. */
export function interpolationOf(poms: readonly Pom[]): Interpolation {
  const [own] = poms
  const inherited = (read: (pom: Pom) => string | undefined, parent: string | undefined) =>
    poms.map(read).find((value) => value !== undefined) ?? parent
  const last = poms.at(-1)
  const model = new Map<string, string | undefined>([
    ['groupId', inherited((pom) => pom.group ?? pom.parent?.group, last?.parent?.group)],
    ['artifactId', own?.artifact],
    ['version', inherited((pom) => pom.version ?? pom.parent?.version, last?.parent?.version)],
    ['parent.groupId', own?.parent?.group],
    ['parent.artifactId', own?.parent?.artifact],
    ['parent.version', own?.parent?.version],
  ])
  return new Interpolation((name) => {
    const field = name.replace(/^(?:project|pom)\./, '')
    const value =
      name === field && !/^(?:groupId|artifactId|version)$/.test(name) ? undefined : model.get(field)
    if (value !== undefined) return value
    return poms.map((pom) => pom.properties.get(name)).find((property) => property !== undefined)
  })
}

/** Entries with their values, by what tells them apart; of two in one POM, Maven takes the later one. */
export function byKey(
  entries: readonly PomDependency[],
  interpolation: Interpolation,
): ReadonlyMap<string, PomDependency> {
  const resolve = (text: string | undefined) => (text === undefined ? undefined : interpolation.resolve(text))
  return new Map(
    entries.map((entry) => {
      const resolved: PomDependency = {
        group: interpolation.resolve(entry.group),
        artifact: interpolation.resolve(entry.artifact),
        version: resolve(entry.version),
        type: interpolation.resolve(entry.type),
        classifier: resolve(entry.classifier),
        scope: resolve(entry.scope),
        optional: resolve(entry.optional),
        systemPath: resolve(entry.systemPath),
        line: entry.line,
      }
      return [
        `${resolved.group}:${resolved.artifact}:${resolved.type}:${resolved.classifier ?? ''}`,
        resolved,
      ]
    }),
  )
}
