/** One `pom.xml` as it is written: nothing inherited, nothing interpolated (maven.apache.org/pom.html). */
import { UnreadableText } from '../parse/index.ts'
import { childAt, childrenNamed, childText, parseXml, type XmlElement } from '../parse/xml.ts'

export interface PomDependency {
  readonly group: string
  readonly artifact: string
  readonly version: string | undefined
  readonly type: string
  readonly classifier: string | undefined
  readonly scope: string | undefined
  readonly optional: string | undefined
  readonly systemPath: string | undefined
  readonly line: number
}

export interface PomParent {
  readonly group: string
  readonly artifact: string
  readonly version: string
  /** As written; an empty text means that it is to be taken from a repository. */
  readonly relativePath: string
  readonly line: number
}

export interface Pom {
  /** Of the file, relative to the scanned folder. */
  readonly path: string
  readonly parent: PomParent | undefined
  readonly group: string | undefined
  readonly artifact: string | undefined
  readonly version: string | undefined
  readonly properties: ReadonlyMap<string, string>
  readonly dependencies: readonly PomDependency[]
  readonly management: readonly PomDependency[]
  /** Folders, or files, below the one of this file. */
  readonly modules: readonly string[]
  readonly project: XmlElement
}

/** @throws UnreadableText */
export function parsePom(bytes: Uint8Array, path: string): Pom {
  const project = parseXml(bytes)
  if (project.name !== 'project')
    throw new UnreadableText('it is no POM: the outermost element is not <project>', {
      line: project.line,
      column: 1,
    })
  const parts = [project, ...defaultProfiles(project)]
  return {
    path,
    parent: parentOf(project),
    group: childText(project, 'groupId'),
    artifact: childText(project, 'artifactId'),
    version: childText(project, 'version'),
    properties: new Map(
      parts.flatMap(
        (part) => childAt(part, 'properties')?.children.map(({ name, text }) => [name, text] as const) ?? [],
      ),
    ),
    dependencies: parts.flatMap((part) => dependenciesOf(childAt(part, 'dependencies'))),
    management: parts.flatMap((part) =>
      dependenciesOf(childAt(part, 'dependencyManagement', 'dependencies')),
    ),
    modules: parts.flatMap((part) =>
      childrenNamed(childAt(part, 'modules'), 'module').map(({ text }) => text),
    ),
    project,
  }
}

/** Profiles that a build without any option has; what else would activate one depends on the machine. */
function defaultProfiles(project: XmlElement): readonly XmlElement[] {
  return childrenNamed(childAt(project, 'profiles'), 'profile').filter(
    (profile) => childText(profile, 'activation', 'activeByDefault') === 'true',
  )
}

function parentOf(project: XmlElement): PomParent | undefined {
  const parent = childAt(project, 'parent')
  if (parent === undefined) return undefined
  return {
    group: childText(parent, 'groupId') ?? '',
    artifact: childText(parent, 'artifactId') ?? '',
    version: childText(parent, 'version') ?? '',
    relativePath: childAt(parent, 'relativePath')?.text ?? '../pom.xml',
    line: parent.line,
  }
}

function dependenciesOf(list: XmlElement | undefined): readonly PomDependency[] {
  return childrenNamed(list, 'dependency').map((entry) => ({
    group: childText(entry, 'groupId') ?? '',
    artifact: childText(entry, 'artifactId') ?? '',
    version: childText(entry, 'version'),
    type: childText(entry, 'type') ?? 'jar',
    classifier: childText(entry, 'classifier'),
    scope: childText(entry, 'scope'),
    optional: childText(entry, 'optional'),
    systemPath: childText(entry, 'systemPath'),
    line: entry.line,
  }))
}
