/** Licenses of SPDX 3, simple and expanded, as one expression. */
import { array, field, string } from '../../readers/parse/shape.ts'
import { NO_EXPRESSION } from '../parts/license-notes.ts'
import type { Resolve } from './package-fields.ts'

/** Sets of licenses hold licenses: a document could nest them without an end, and name each many times over. */
const MAX_PARTS = 200

interface Budget {
  parts: number
}
const LISTED = /^https?:\/\/spdx\.org\/licenses\/([A-Za-z0-9.+-]+)$/

/** @param value what a relationship points at: a name, or the element itself */
export function licenseText(
  value: unknown,
  resolve: Resolve,
  budget: Budget = { parts: MAX_PARTS },
): string | undefined {
  if (value === undefined || budget.parts <= 0) return undefined
  budget.parts -= 1
  if (typeof value === 'string') {
    if (/NoneLicense$/.test(value)) return 'NONE'
    if (/NoAssertionLicense$/.test(value)) return undefined
    const [, listed] = LISTED.exec(value) ?? []
    const element = resolve(value)
    return element === undefined || typeof element === 'string'
      ? listed
      : licenseText(element, resolve, budget)
  }
  const part = (key: string): string | undefined => licenseText(field(value, key), resolve, budget)
  const id = string(field(value, 'spdxId')) ?? ''
  switch (field(value, 'type')) {
    case 'simplelicensing_LicenseExpression':
      return string(field(value, 'simplelicensing_licenseExpression'))
    case 'simplelicensing_SimpleLicensingText':
      if (field(value, 'comment') === NO_EXPRESSION)
        return string(field(value, 'simplelicensing_licenseText'))
      return string(field(value, 'name')) ?? string(field(value, 'simplelicensing_licenseText'))
    case 'expandedlicensing_ListedLicense':
    case 'expandedlicensing_ListedLicenseException':
      return LISTED.exec(id)?.[1] ?? string(field(value, 'name'))
    case 'expandedlicensing_CustomLicense':
      return string(field(value, 'name'))
    case 'expandedlicensing_OrLaterOperator': {
      const license = part('expandedlicensing_subjectLicense')
      return license === undefined ? undefined : `${license}+`
    }
    case 'expandedlicensing_WithAdditionOperator': {
      const [license, addition] = [
        part('expandedlicensing_subjectExtendableLicense'),
        part('expandedlicensing_subjectAddition'),
      ]
      return license === undefined || addition === undefined ? license : `${license} WITH ${addition}`
    }
    case 'expandedlicensing_ConjunctiveLicenseSet':
      return joined(value, ' AND ', resolve, budget)
    case 'expandedlicensing_DisjunctiveLicenseSet':
      return joined(value, ' OR ', resolve, budget)
    default:
      return undefined
  }
}

function joined(set: unknown, operator: string, resolve: Resolve, budget: Budget): string | undefined {
  const members = array(field(set, 'expandedlicensing_member'))
  const texts = members.flatMap((member) => licenseText(member, resolve, budget) ?? [])
  if (texts.length < 2) return texts[0]
  const text = texts.map((each) => (/ (?:AND|OR) /.test(each) ? `(${each})` : each)).join(operator)
  return text.length > 4096 ? undefined : text
}
