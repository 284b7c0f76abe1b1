import { describe, expect, it } from 'vitest'
import { isAivError } from '../../../src/lib/core/index.ts'
import {
  formatExpression,
  isAccepted,
  licensePolicy,
  parseExpression,
  refusedLicenses,
} from '../../../src/lib/lint/licenses/index.ts'

function verdict(text: string, allow: readonly string[], deny: readonly string[] = []): boolean {
  return isAccepted(parseExpression(text), licensePolicy(allow, deny))
}

describe('a list of allowed licenses', () => {
  it('needs one side of an OR and all sides of an AND', () => {
    expect(verdict('MIT OR GPL-3.0-only', ['MIT'])).toBe(true)
    expect(verdict('MIT AND GPL-3.0-only', ['MIT'])).toBe(false)
    expect(verdict('(MIT OR GPL-3.0-only) AND ISC', ['MIT OR ISC'])).toBe(true)
    expect(verdict('MIT AND (GPL-3.0-only OR AGPL-3.0-only)', ['MIT', 'ISC'])).toBe(false)
  })

  it('takes the former GNU identifiers for the ones of today', () => {
    expect(verdict('GPL-2.0', ['GPL-2.0-only'])).toBe(true)
    expect(verdict('GPL-2.0+', ['GPL-2.0-or-later'])).toBe(true)
    expect(verdict('GPL-2.0-or-later', ['GPL-2.0+'])).toBe(true)
    expect(verdict('GPL-2.0-with-classpath-exception', ['GPL-2.0-only WITH Classpath-exception-2.0'])).toBe(
      true,
    )
    expect(verdict('LGPL-2.1', ['GPL-2.0-or-later'])).toBe(false)
  })

  it('lets a later version be chosen where the license does', () => {
    expect(verdict('GPL-2.0-or-later', ['GPL-3.0-only'])).toBe(true)
    expect(verdict('GPL-2.0-only', ['GPL-3.0-only'])).toBe(false)
    expect(verdict('MPL-1.1+', ['MPL-2.0'])).toBe(true)
    expect(verdict('MPL-2.0', ['MPL-1.1+'])).toBe(true)
    expect(verdict('MPL-1.0', ['MPL-1.1+'])).toBe(false)
  })

  it('wants an exception named', () => {
    expect(verdict('GPL-2.0-only WITH Classpath-exception-2.0', ['GPL-2.0-only'])).toBe(false)
    expect(verdict('GPL-2.0-only', ['GPL-2.0-only WITH Classpath-exception-2.0'])).toBe(false)
  })

  it('takes a license of the author when it is named', () => {
    expect(verdict('LicenseRef-acme', ['LicenseRef-acme'])).toBe(true)
    expect(verdict('LicenseRef-acme', ['MIT'])).toBe(false)
  })

  it('does not take a digit within a name for a version', () => {
    expect(verdict('BSD-3-Clause', ['BSD-2-Clause+'])).toBe(false)
    expect(verdict('CC-BY-3.0-DE', ['CC-BY-3.0'])).toBe(false)
    expect(verdict('MPL-2.0-no-copyleft-exception', ['MPL-2.0'])).toBe(false)
  })
})

describe('a list of denied licenses', () => {
  it('lets everything else pass', () => {
    expect(verdict('MIT', [], ['GPL-3.0-or-later'])).toBe(true)
    expect(verdict('MIT OR GPL-3.0-only', [], ['GPL-3.0-only'])).toBe(true)
    expect(verdict('MIT AND GPL-3.0-only', [], ['GPL-3.0-only'])).toBe(false)
  })

  it('goes before the allowed ones', () => {
    expect(verdict('MIT', ['MIT'], ['MIT'])).toBe(false)
  })

  it('names versions', () => {
    expect(verdict('GPL-3.0-only', [], ['GPL-2.0-or-later'])).toBe(false)
    expect(verdict('GPL-2.0-or-later', [], ['GPL-2.0-only'])).toBe(false)
    expect(verdict('GPL-3.0-only', [], ['GPL-2.0-only'])).toBe(true)
    expect(verdict('GPL-2.0-only', [], ['GPL-3.0-or-later'])).toBe(true)
    // The second version may be chosen.
    expect(verdict('GPL-2.0-or-later', [], ['GPL-3.0-or-later'])).toBe(true)
  })

  it('denies every exception too, but for those that are allowed', () => {
    const withException = 'GPL-2.0-only WITH Classpath-exception-2.0'
    expect(verdict(withException, [], ['GPL-2.0-only'])).toBe(false)
    expect(verdict(withException, [withException], ['GPL-2.0-only'])).toBe(true)
    expect(verdict(withException, [withException], [withException])).toBe(false)
    expect(verdict('GPL-2.0-only', [], [withException])).toBe(true)
  })

  it('says which licenses were refused', () => {
    const policy = licensePolicy([], ['GPL-3.0-only', 'ISC'])
    const refused = refusedLicenses(parseExpression('MIT OR (GPL-3.0-only AND ISC)'), policy)
    expect(refused.map(formatExpression)).toEqual(['GPL-3.0-only', 'ISC'])
  })
})

it.each(['Apache 2.0', 'MIT AND ISC', ''])('a list that is none is wrong usage: %s', (text) => {
  try {
    licensePolicy([text], [])
    expect.unreachable()
  } catch (error) {
    expect(isAivError(error, 'E_USAGE')).toBe(true)
  }
})
