/** What profiles ask of a component or a document. */
import type { Bom, Component, Hash, Party } from '../bom/index.ts'
import type { ReadDocument } from '../documents/document.ts'
import {
  expressionOf,
  isCopyleft,
  isDeprecatedId,
  listedLicense,
  type SimpleLicense,
  simpleLicenses,
} from '../licenses/index.ts'
import { parsePurl } from '../purl/index.ts'

const WEAK: readonly Hash['algorithm'][] = ['md5', 'sha1']

/** RFC 3339, as Go's parser takes it. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

export function hasStrongHash({ hashes = [] }: Component): boolean {
  return hashes.some(({ algorithm }) => !WEAK.includes(algorithm))
}

export function hasHash({ hashes = [] }: Component): boolean {
  return hashes.length > 0
}

export function hasParty(party: Party | undefined): boolean {
  return party !== undefined && (party.name !== '' || party.email !== undefined || party.url !== undefined)
}

export function hasPurl({ purl }: Component): boolean {
  if (purl === undefined) return false
  try {
    parsePurl(purl)
    return true
  } catch {
    return false
  }
}

/** The formatted string of CPE 2.3 or the URI of CPE 2.2; other texts are no names of products. */
export function hasCpe({ cpes = [] }: Component): boolean {
  return cpes.some((cpe) =>
    /^cpe:2\.3:[aho*-](?::(?:[^:\\\s]|\\[^\s])+){10}$|^cpe:\/[aho]:[^\s]+$/i.test(cpe),
  )
}

export function hasConcluded({ licenses }: Component): boolean {
  return isSaid(licenses?.concluded)
}

export function hasDeclared({ licenses }: Component): boolean {
  return isSaid(licenses?.declared)
}

export function hasValidConcluded(component: Component): boolean {
  return concludedLicenses(component) !== undefined
}

/** Without licenses of an author's own. */
export function hasListedConcluded(component: Component): boolean {
  return concludedLicenses(component)?.every(({ id }) => listedLicense(id) !== undefined) ?? false
}

export function hasDeprecatedConcluded(component: Component): boolean {
  return (concludedLicenses(component) ?? []).some(
    ({ id, orLater }) => isDeprecatedId(id) || (orLater && isDeprecatedId(`${id}+`)),
  )
}

export function hasCopyleftConcluded(component: Component): boolean {
  return (concludedLicenses(component) ?? []).some(({ id }) => isCopyleft(id))
}

function concludedLicenses({ licenses }: Component): readonly SimpleLicense[] | undefined {
  if (!isSaid(licenses?.concluded)) return undefined
  const expression = expressionOf(licenses?.concluded ?? '')
  return expression === undefined ? undefined : simpleLicenses(expression)
}

function isSaid(license: string | undefined): boolean {
  return license !== undefined && !/^\s*(?:|NONE|NOASSERTION)\s*$/i.test(license)
}

/** CycloneDX has a reference to version control; SPDX the field PackageSourceInfo. */
export function hasSource({ facts }: ReadDocument, component: Component): boolean {
  if (facts.family === 'cyclonedx') return component.source !== undefined
  return (component.occurrences?.length ?? 0) > 0 || component.properties?.['spdx:sourceInfo'] !== undefined
}

export function hasTime({ document }: Bom): boolean {
  return document.created !== undefined && TIME.test(document.created)
}

export function hasAuthor({ document }: Bom): boolean {
  return document.authors.some(hasParty)
}

export function primaryOf(bom: Bom): Component | undefined {
  return bom.primary === undefined ? undefined : bom.components.find(({ ref }) => ref === bom.primary)
}

/** The document is about something, and says what that needs, or that it needs nothing. */
export function hasTopDependencies(bom: Bom): boolean {
  const { on = [], completeness } = (bom.primary && bom.dependencies.get(bom.primary)) || {}
  return primaryOf(bom) !== undefined && (on.length > 0 || completeness === 'complete')
}
