/** Components of Maven repositories, which Gradle and sbt use as well. */
import type { Component, Occurrence } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'

export interface MavenCoordinates {
  readonly group: string
  readonly name: string
  readonly version: string | undefined
  /** As `<type>` says; default `jar`. */
  readonly type?: string | undefined
  readonly classifier?: string | undefined
  readonly place: Occurrence
}

/** Types whose file is a jar, with the classifier that they stand for (Maven, "Default Artifact Handlers"). */
const JARS: ReadonlyMap<string, string | undefined> = new Map([
  ['jar', undefined],
  ['bundle', undefined],
  ['ejb', undefined],
  ['maven-plugin', undefined],
  ['test-jar', 'tests'],
  ['ejb-client', 'client'],
  ['java-source', 'sources'],
  ['javadoc', 'javadoc'],
])

/** @throws AivError `E_MALFORMED` */
export function mavenComponent({
  group,
  name,
  version,
  type = 'jar',
  classifier,
  place,
}: MavenCoordinates): Component {
  const qualifiers: Record<string, string> = {}
  const handled = classifier ?? JARS.get(type)
  if (handled !== undefined) qualifiers.classifier = handled
  if (!JARS.has(type)) qualifiers.type = type
  const purl = formatPurl({ type: 'maven', namespace: group, name, version, qualifiers })
  return {
    ref: purl,
    type: 'library',
    name: `${group}:${name}`,
    version,
    purl,
    origin: 'registry',
    scope: 'required',
    occurrences: [place],
  }
}
