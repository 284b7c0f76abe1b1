/** Licenses in CycloneDX: listed identifiers, names, or expressions, each declared by the maker or concluded. */
import type { LicenseEvidence, Licenses } from '../../bom/index.ts'
import { array, field, string } from '../../readers/parse/shape.ts'
import { licenseExpression } from '../parts/license-expression.ts'

export type CycloneDxVersion = '1.6' | '1.7'

type Acknowledgement = 'declared' | 'concluded'

export type LicenseChoice =
  | { readonly license: NamedLicense }
  | { readonly expression: string; readonly acknowledgement?: Acknowledgement }

type NamedLicense = ({ readonly id: string } | { readonly name: string }) & {
  readonly acknowledgement?: Acknowledgement
}

/**
 * Identifiers that are newer than the list inside the published schemas, whose enumeration is closed: they are written
 * as expressions, which are open.
 */
const NEWER_THAN_SCHEMA: ReadonlySet<string> = new Set([
  'atc-game',
  'Brian-Gladman-3-Clause-no-conversion',
  'BSD-2-Clause-pos-unchanged',
  'BSD-3-Clause-OpenWebUI',
  'BSD-ask-to-endorse',
  'BSD-Source-alt-GPL',
  'BSD-Source-Code-no-disclaimer',
  'Bugroff',
  'CC-BY-NC-3.0-IGO',
  'FDK-MPEG-H',
  'Hippocratic-3.0-core',
  'Informatica',
  'MVT-1.1',
])

/**
 * CycloneDX 1.6 takes either a list of licenses or one expression. Where both the declared and the concluded one are
 * there and one needs an expression, the concluded one is written: what was found weighs more than what was said.
 */
export function licenseChoices(
  { declared, concluded }: Licenses,
  version: CycloneDxVersion,
): readonly LicenseChoice[] {
  const choices = [
    ...(declared === undefined ? [] : [choice(declared, 'declared')]),
    ...(concluded === undefined ? [] : [choice(concluded, 'concluded')]),
  ]
  if (version === '1.7' || choices.every((each) => 'license' in each)) return choices
  return choices.slice(-1)
}

/** The licenses whose texts were found, each once. */
export function evidenceChoices(evidence: readonly LicenseEvidence[]): readonly LicenseChoice[] {
  const ids = [...new Set(evidence.map(({ license }) => license))].sort()
  return ids.map((id) => ({ license: isListed(id) ? { id } : { name: id } }))
}

/** The license of the document itself. */
export function plainChoice(text: string): LicenseChoice {
  const { id } = licenseExpression(text) ?? {}
  if (id !== undefined && isListed(id)) return { license: { id } }
  return licenseExpression(text) === undefined ? { license: { name: text } } : { expression: text }
}

/** Several of one kind hold together: the component is under all of them. */
export function licensesOf(choices: unknown): { readonly [key in Acknowledgement]: string | undefined } {
  const texts: { readonly [key in Acknowledgement]: string[] } = { declared: [], concluded: [] }
  for (const item of array(choices)) {
    const license = field(item, 'license')
    const text =
      string(field(item, 'expression')) ?? string(field(license, 'id')) ?? string(field(license, 'name'))
    const word = field(item, 'acknowledgement') ?? field(license, 'acknowledgement')
    if (text !== undefined) texts[word === 'concluded' ? 'concluded' : 'declared'].push(text)
  }
  return { declared: joined(texts.declared), concluded: joined(texts.concluded) }
}

function choice(text: string, acknowledgement: Acknowledgement): LicenseChoice {
  const expression = licenseExpression(text)
  if (expression === undefined) return { license: { name: text, acknowledgement } }
  const { id } = expression
  if (id !== undefined && isListed(id)) return { license: { id, acknowledgement } }
  return { expression: expression.text, acknowledgement }
}

function isListed(id: string): boolean {
  return licenseExpression(id)?.id === id && !NEWER_THAN_SCHEMA.has(id)
}

function joined(texts: readonly string[]): string | undefined {
  const different = [...new Set(texts)]
  if (different.length < 2) return different[0]
  return different.map((text) => (/ OR /i.test(text) ? `(${text})` : text)).join(' AND ')
}
