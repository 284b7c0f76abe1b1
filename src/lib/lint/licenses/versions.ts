/** Which license of a list stands for which: versions, "or later", and the identifiers that SPDX gave up. */
import { type LicenseExpression, parseExpression, type SimpleLicense } from './expression.ts'

/** A license in the terms that comparing needs. */
interface Versions {
  /** The identifier without its version; the whole of it where it has none. */
  readonly family: string
  /** `2.1` as `[2, 1]`; empty where there is none. */
  readonly version: readonly number[]
  readonly orLater: boolean
  readonly exception: string | undefined
}

/** The GNU licenses say in the identifier whether later versions count; the others say it with a plus. */
const VERSIONED = /^(.+)-(\d+(?:\.\d+)*)(-(?:no-)?invariants)?(-only|-or-later)?$/

/** What SPDX wrote as one identifier before it had `WITH` (`GPL-2.0-with-bison-exception`). */
const FORMER_EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ['GPL-2.0-with-GCC-exception', 'GPL-2.0-only WITH GCC-exception-2.0'],
  ['GPL-2.0-with-autoconf-exception', 'GPL-2.0-only WITH Autoconf-exception-2.0'],
  ['GPL-2.0-with-bison-exception', 'GPL-2.0-only WITH Bison-exception-2.2'],
  ['GPL-2.0-with-classpath-exception', 'GPL-2.0-only WITH Classpath-exception-2.0'],
  ['GPL-2.0-with-font-exception', 'GPL-2.0-only WITH Font-exception-2.0'],
  ['GPL-3.0-with-GCC-exception', 'GPL-3.0-only WITH GCC-exception-3.1'],
  ['GPL-3.0-with-autoconf-exception', 'GPL-3.0-only WITH Autoconf-exception-3.0'],
])

/** True when whoever may use `offered` may use it under the terms of `wanted`. */
export function covers(wanted: SimpleLicense, offered: SimpleLicense): boolean {
  const [a, b] = [versionsOf(wanted), versionsOf(offered)]
  if (a.family !== b.family || a.exception !== b.exception) return false
  const order = compareVersions(b.version, a.version)
  if (order === 0) return true
  return order < 0 ? b.orLater : a.orLater
}

/** The exception of the license, also where SPDX once wrote both as one identifier. */
export function exceptionIn(license: SimpleLicense): string | undefined {
  return versionsOf(license).exception
}

/**
 * True when the version that `license` names is one of those of `range`. A later one that could be chosen in its place
 * does not count, and exceptions are not compared.
 */
export function isWithin(range: SimpleLicense, license: SimpleLicense): boolean {
  const [a, b] = [versionsOf(range), versionsOf(license)]
  if (a.family !== b.family) return false
  const order = compareVersions(b.version, a.version)
  return order === 0 || (order > 0 && a.orLater)
}

function versionsOf(license: SimpleLicense): Versions {
  const former = FORMER_EXCEPTIONS.get(license.id)
  if (former !== undefined) {
    const today = simple(parseExpression(former))
    return versionsOf({ ...today, orLater: license.orLater })
  }
  const { id, orLater, exception } = license
  const match = VERSIONED.exec(id)
  if (match === null) return { family: id, version: [], orLater, exception }
  const [, name = '', version = '', invariants = '', later] = match
  return {
    family: name + invariants,
    version: version.split('.').map(Number),
    orLater: orLater || later === '-or-later',
    exception,
  }
}

function simple(expression: LicenseExpression): SimpleLicense {
  if (expression.kind === 'license') return expression
  throw new RangeError('a former identifier stands for one license')
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
