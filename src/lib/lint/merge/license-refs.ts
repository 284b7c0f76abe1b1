/**
 * Own licenses of a document get names that say which text they mean: `LicenseRef-1` of two documents are two licenses.
 */
import type { Bom, Component, ExtractedLicense } from '../bom/index.ts'
import { expressionOf, formatExpression, type LicenseExpression } from '../licenses/index.ts'
import { shortDigest } from './short-digest.ts'

/** The same inventory with `LicenseRef-NAME-DIGEST`; what bears the digest of its text already keeps its name. */
export function withDistinctLicenses(bom: Bom): Bom {
  const names = new Map<string, string>()
  for (const { id, text } of bom.extractedLicenses) {
    const digest = shortDigest(text)
    names.set(id, id.endsWith(`-${digest}`) ? id : `${id}-${digest}`)
  }
  if (names.size === 0) return bom
  return {
    ...bom,
    components: bom.components.map((component) => withNames(component, names)),
    extractedLicenses: bom.extractedLicenses.map((license): ExtractedLicense => {
      return { ...license, id: names.get(license.id) ?? license.id }
    }),
  }
}

function withNames(component: Component, names: ReadonlyMap<string, string>): Component {
  const { licenses } = component
  if (licenses === undefined) return component
  const { declared, concluded } = licenses
  return {
    ...component,
    licenses: {
      ...licenses,
      declared: declared === undefined ? undefined : renamed(declared, names),
      concluded: concluded === undefined ? undefined : renamed(concluded, names),
    },
  }
}

function renamed(text: string, names: ReadonlyMap<string, string>): string {
  if (!text.includes('LicenseRef-')) return text
  const expression = expressionOf(text)
  return expression === undefined ? text : formatExpression(renamedIn(expression, names))
}

function renamedIn(expression: LicenseExpression, names: ReadonlyMap<string, string>): LicenseExpression {
  if (expression.kind === 'license') return { ...expression, id: names.get(expression.id) ?? expression.id }
  return { ...expression, operands: expression.operands.map((operand) => renamedIn(operand, names)) }
}
