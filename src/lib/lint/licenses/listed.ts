/** The SPDX License List: which identifiers it has, in which spelling, and which of them it gave up. */
import deprecatedExceptions from 'spdx-exceptions/deprecated.json' with { type: 'json' }
import exceptions from 'spdx-exceptions/index.json' with { type: 'json' }
import deprecated from 'spdx-license-ids/deprecated.json' with { type: 'json' }
import current from 'spdx-license-ids/index.json' with { type: 'json' }
import { NEWER_EXCEPTIONS } from './newer-exceptions.ts'

/** Those with a plus are identifiers of their own in the list, and the plus of the grammar everywhere else. */
const WITH_PLUS = ['GPL-1.0+', 'GPL-2.0+', 'GPL-3.0+', 'LGPL-2.0+', 'LGPL-2.1+', 'LGPL-3.0+']

const LICENSES = bySpelling([...current, ...deprecated])
const EXCEPTIONS = bySpelling([...exceptions, ...deprecatedExceptions, ...NEWER_EXCEPTIONS])
const DEPRECATED: ReadonlySet<string> = new Set([...deprecated, ...deprecatedExceptions, ...WITH_PLUS])

/** The identifier as the list spells it; case does not matter (SPDX 2.3 annex D.2). */
export function listedLicense(id: string): string | undefined {
  return LICENSES.get(id.toLowerCase())
}

/** As {@link listedLicense}, for what follows `WITH`. */
export function listedException(id: string): string | undefined {
  return EXCEPTIONS.get(id.toLowerCase())
}

/** @param id as the list spells it, `GPL-2.0+` among them */
export function isDeprecatedId(id: string): boolean {
  return DEPRECATED.has(id)
}

function bySpelling(ids: readonly string[]): ReadonlyMap<string, string> {
  return new Map(ids.map((id) => [id.toLowerCase(), id]))
}
