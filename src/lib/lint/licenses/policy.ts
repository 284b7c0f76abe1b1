/** What a project accepts: licenses that are allowed, and licenses that are not. */
import { AivError } from '../../core/index.ts'
import { type LicenseExpression, parseExpression, type SimpleLicense, simpleLicenses } from './expression.ts'
import { covers, exceptionIn, isWithin } from './versions.ts'

export interface LicensePolicy {
  /** Empty: whatever is not denied. */
  readonly allow: readonly SimpleLicense[]
  readonly deny: readonly SimpleLicense[]
}

/**
 * @param allow texts such as `MIT`, `MIT OR ISC`, `GPL-2.0-only WITH Classpath-exception-2.0`
 * @throws AivError `E_USAGE` when one is no SPDX expression, or joins licenses with AND
 */
export function licensePolicy(allow: readonly string[], deny: readonly string[]): LicensePolicy {
  return { allow: allow.flatMap(listOf), deny: deny.flatMap(listOf) }
}

/**
 * True when the terms can be met: one side of each OR, and all sides of each AND. A license is accepted when the list
 * of the allowed ones is empty or names it, and it is not denied. Denying a license denies it with every exception
 * too, unless that very combination is allowed.
 */
export function isAccepted(expression: LicenseExpression, policy: LicensePolicy): boolean {
  if (expression.kind === 'license') return isAcceptedLicense(expression, policy)
  const { kind, operands } = expression
  const accepts = (operand: LicenseExpression): boolean => isAccepted(operand, policy)
  return kind === 'and' ? operands.every(accepts) : operands.some(accepts)
}

/** The licenses of the expression that are not accepted; not all of them need to be avoided where there is a choice. */
export function refusedLicenses(
  expression: LicenseExpression,
  policy: LicensePolicy,
): readonly SimpleLicense[] {
  return simpleLicenses(expression).filter((license) => !isAcceptedLicense(license, policy))
}

function isAcceptedLicense(license: SimpleLicense, { allow, deny }: LicensePolicy): boolean {
  const isAllowed = allow.some((wanted) => covers(wanted, license))
  const exception = exceptionIn(license)
  const denied = deny.filter((unwanted) => isWithin(unwanted, license))
  if (denied.some((unwanted) => exceptionIn(unwanted) === exception)) return false
  if (denied.some((unwanted) => exceptionIn(unwanted) === undefined)) return isAllowed
  return isAllowed || allow.length === 0
}

function listOf(text: string): readonly SimpleLicense[] {
  let expression: LicenseExpression
  try {
    expression = parseExpression(text)
  } catch (cause) {
    const reason = cause instanceof AivError ? cause.message : String(cause)
    throw new AivError('E_USAGE', `cannot take ${JSON.stringify(text)}: ${reason}`, {
      hint: 'Name SPDX licenses, such as MIT or "MIT OR Apache-2.0"',
      cause,
    })
  }
  if (hasAnd(expression))
    throw new AivError('E_USAGE', `cannot take ${JSON.stringify(text)}: a list has no AND`, {
      hint: 'Name the licenses one by one, or join them with OR',
    })
  return simpleLicenses(expression)
}

function hasAnd(expression: LicenseExpression): boolean {
  if (expression.kind === 'license') return false
  return expression.kind === 'and' || expression.operands.some(hasAnd)
}
