/** Rules about licenses. */
import type { Hit, Judgement } from '../rule.ts'
import { inconclusive, judged, notApplicable } from '../rule.ts'
import { type LicenseField, licenseFields, MAX_EXPRESSION_LENGTH } from './license-fields.ts'
import { CISA, SPDX_EXPRESSIONS, SPDX_LICENSES } from './sources.ts'
import { labelOf, ofDocument, placeOf, type SbomRule, type SbomSubject } from './subject.ts'

/** They stand in place of an expression (SPDX 2.3 §7.13). */
const NO_EXPRESSION = new Set(['NONE', 'NOASSERTION'])

export const LICENSE_RULES: readonly SbomRule[] = [
  {
    id: 'SB0012',
    name: 'bad-license-expression',
    severity: 'error',
    evidence: 'document',
    summary: 'Every license expression can be parsed and names licenses that SPDX lists, or a LicenseRef.',
    rationale:
      'A policy is checked against expressions. One that does not parse is skipped by some tools and forbidden by others.',
    fix: 'Use the identifiers of the SPDX license list with AND, OR and WITH; what is not listed becomes a LicenseRef.',
    references: [SPDX_EXPRESSIONS, SPDX_LICENSES],
    judge: (subject) =>
      judgeFields(subject, expressionFields, async (fields) => {
        const { licensesOf } = await import('./expression-parts.ts')
        return distinct(fields, (expression) =>
          expression.length > MAX_EXPRESSION_LENGTH || licensesOf(expression) === undefined
            ? `"${shortened(expression)}" is no SPDX license expression.`
            : undefined,
        )
      }),
  },
  {
    id: 'SB0013',
    name: 'deprecated-license',
    severity: 'warning',
    evidence: 'document',
    summary: 'No license identifier is one that SPDX has withdrawn.',
    rationale: 'GPL-2.0, for one, does not say whether later versions are allowed; GPL-2.0-only does.',
    fix: 'Use the identifier that took its place; the license list names it.',
    references: [SPDX_LICENSES],
    judge: (subject) =>
      judgeFields(subject, licenseFields, async (fields) => {
        const { deprecatedIn } = await import('./expression-parts.ts')
        return distinct(fields, (expression) => {
          if (expression.length > MAX_EXPRESSION_LENGTH) return undefined
          const withdrawn = deprecatedIn(expression)
          return withdrawn.length === 0 ? undefined : `SPDX has withdrawn ${withdrawn.join(', ')}.`
        })
      }),
  },
  {
    id: 'SB0014',
    name: 'no-license',
    severity: 'info',
    evidence: 'document',
    summary: 'Every component says under which license it is.',
    rationale: 'Without a license nobody may use it, and nobody can check that they may.',
    fix: 'Declare what the maker declares. aiv lint sbom takes it from the installed packages.',
    references: [CISA],
    judge: ofDocument(({ bom }, subject) => {
      if (bom.components.length === 0) return inconclusive('the document has no components')
      return judged(
        bom.components
          .filter(({ licenses, type }) => {
            const said = [licenses?.declared, licenses?.concluded]
            return type !== 'file' && said.every((text) => text === undefined || NO_EXPRESSION.has(text))
          })
          .map((component) => ({
            message: `${labelOf(component)} has no license.`,
            ...placeOf(component, subject),
          })),
      )
    }),
  },
]

/** Without single identifiers: the schema enumerates those, and its rule objects to any other. */
function expressionFields(subject: SbomSubject): readonly LicenseField[] {
  return licenseFields(subject).filter(({ name }) => name !== 'id')
}

async function judgeFields(
  subject: SbomSubject,
  find: (subject: SbomSubject) => readonly LicenseField[],
  judge: (fields: readonly LicenseField[]) => Promise<readonly Hit[]>,
): Promise<Judgement> {
  if (subject.document === undefined) return inconclusive('the document could not be read')
  const fields = find(subject).filter(({ expression }) => !NO_EXPRESSION.has(expression))
  if (fields.length === 0) return notApplicable('the document has no license expressions')
  return judged(await judge(fields))
}

/** Judges each text once: a document of a thousand packages has a dozen expressions. */
function distinct(
  fields: readonly LicenseField[],
  objection: (expression: string) => string | undefined,
): readonly Hit[] {
  const known = new Map<string, string | undefined>()
  return fields.flatMap(({ expression, name, ...place }) => {
    if (!known.has(expression)) known.set(expression, objection(expression))
    const message = known.get(expression)
    return message === undefined ? [] : [{ message, ...place }]
  })
}

function shortened(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`
}
