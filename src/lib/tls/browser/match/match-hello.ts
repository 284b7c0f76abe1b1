/** Which browser a hello is of, by its structure and not by a hash: everything in it is checked. */
import type { HelloTransport } from '../../fingerprint/ja4.ts'
import type { ClientHello } from '../../hello/client-hello.ts'
import { isGrease } from '../../hello/grease.ts'
import type { Browser, Code, HelloTemplate } from '../template/template.ts'
import { templates } from '../template/templates.ts'
import { sameCodes } from './code-lists.ts'
import { compareHello } from './compare-hello.ts'
import { withoutAesHardware } from './compare-suites.ts'
import type { Tell } from './tell.ts'

export interface VersionRange {
  readonly first: number
  readonly last: number
}

/** What keeps a hello from being of other versions. */
export interface Deciding {
  readonly field: string
  readonly found: string
  readonly expected: string
  /** The template that would have had `expected`. */
  readonly excludes: string
}

export type Match =
  | {
      readonly verdict: 'match'
      readonly browser: Browser
      readonly versions: VersionRange
      /** Set when only installations in a field trial send it. */
      readonly trial?: string
      readonly templates: readonly string[]
      readonly deciding: readonly Deciding[]
    }
  | {
      /** It offers what the browser offers, and does what the browser does not. */
      readonly verdict: 'impostor'
      readonly browser: Browser
      readonly versions: VersionRange
      /** The template that is nearest, and what differs from it, the plainest first. */
      readonly nearest: string
      readonly tells: readonly Tell[]
    }
  | {
      readonly verdict: 'unknown'
      /** Set when it offers the cipher suites of a browser: perhaps a version that is not known. */
      readonly nearest?: string
      readonly tells: readonly Tell[]
    }

/**
 * Fields that JA4 is made from, and those that a setting of the browser changes: an administrator can turn the hybrid key
 * agreement off.
 */
const OPEN_FIELDS: readonly string[] = [
  'cipher_suites',
  'extensions',
  'signature_algorithms',
  'supported_versions',
  'alpn',
  'supported_groups',
  'key_share',
]

/** Compares with all known templates of what carried it. */
export function matchHello(hello: ClientHello, transport: HelloTransport): Match {
  const compared = templates()
    .filter((template) => template.transport === transport && offersSuitesOf(template, hello))
    .map((template) => ({ template, tells: compareHello(hello, template) }))
  const fitting = compared.filter(({ tells }) => tells.length === 0).map(({ template }) => template)
  if (fitting.length > 0) return matched(fitting, compared)
  const nearest = compared.toSorted((a, b) => distance(a.tells) - distance(b.tells))[0]
  if (nearest === undefined) return { verdict: 'unknown', tells: [] }
  const { template, tells } = nearest
  if (!isImpostor(tells)) return { verdict: 'unknown', nearest: template.id, tells }
  const { browser, versions, id } = template
  return { verdict: 'impostor', browser, versions, nearest: id, tells }
}

interface Compared {
  readonly template: HelloTemplate
  readonly tells: readonly Tell[]
}

function matched(fitting: readonly HelloTemplate[], compared: readonly Compared[]): Match {
  const regular = fitting.filter(({ trial }) => trial === undefined)
  const named = regular.length > 0 ? regular : fitting
  const { browser, trial } = named[0] as HelloTemplate
  const versions = {
    first: Math.min(...named.map((template) => template.versions.first)),
    last: Math.max(...named.map((template) => template.versions.last)),
  }
  const deciding = compared.flatMap(({ template, tells: [tell] }): readonly Deciding[] => {
    if (tell === undefined || template.trial !== undefined) return []
    return [{ field: tell.field, found: tell.found, expected: tell.expected, excludes: template.id }]
  })
  return {
    verdict: 'match',
    browser,
    versions,
    ...(regular.length === 0 && trial !== undefined ? { trial } : {}),
    templates: named.map(({ id }) => id),
    deciding,
  }
}

/**
 * A broken rule is nothing that a new version brings. So is another structure below the same JA4, but for trust
 * anchors, which are updated apart from the browser.
 */
function isImpostor(tells: readonly Tell[]): boolean {
  return tells.some(({ kind }) => kind === 'rule') || tells.every(({ field }) => !OPEN_FIELDS.includes(field))
}

/** A difference that versions have weighs more than a broken rule: who imitates a version offers what it offers. */
function distance(tells: readonly Tell[]): number {
  return tells.reduce((sum, { kind }) => sum + (kind === 'version' ? 2 : 1), 0)
}

/** In the order of the browser, GREASE aside. */
function offersSuitesOf({ cipherSuites }: HelloTemplate, hello: ClientHello): boolean {
  const found = hello.cipherSuites.filter((suite) => !isGrease(suite))
  const expected = [cipherSuites, withoutAesHardware(cipherSuites)].map(withoutGreaseCodes)
  return expected.some((suites) => sameCodes(suites, found))
}

function withoutGreaseCodes(codes: readonly Code[]): readonly Code[] {
  return codes.filter((code) => code !== 'GREASE')
}
