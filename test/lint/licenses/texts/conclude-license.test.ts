import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import {
  allDeclaredAreFound,
  concludeLicense,
  copyrightNotices,
  isLicenseFileName,
  type LicenseMatch,
  matchLicenseText,
} from '../../../../src/lib/lint/licenses/texts/index.ts'

const load = createRequire(import.meta.url)

function textsOf(...ids: readonly string[]): readonly LicenseMatch[] {
  return ids.map((id) => {
    const { licenseText } = load(`spdx-license-list/licenses/${id}.json`) as { readonly licenseText: string }
    const match = matchLicenseText(licenseText)
    if (match === undefined) throw new Error(`the text of ${id} is not known`)
    return match
  })
}

describe('a concluded license', () => {
  it.each([
    ['one text, declared so', 'MIT', ['MIT'], 'MIT'],
    ['both texts of a choice', 'MIT OR Apache-2.0', ['Apache-2.0', 'MIT'], 'MIT OR Apache-2.0'],
    ['both texts of a choice in parentheses', '(MIT OR CC0-1.0)', ['MIT', 'CC0-1.0'], 'MIT OR CC0-1.0'],
    ['both texts, in the old form of Cargo', 'MIT/Apache-2.0', ['MIT', 'Apache-2.0'], 'MIT OR Apache-2.0'],
    ['one text of a choice', 'MIT OR Apache-2.0', ['MIT'], 'MIT'],
    [
      'a choice within a sum',
      '(MIT OR Apache-2.0) AND ISC',
      ['MIT', 'Apache-2.0', 'ISC'],
      '(MIT OR Apache-2.0) AND ISC',
    ],
    ['a text that nothing declares', undefined, ['MIT'], 'MIT'],
    ['texts that nothing declares', undefined, ['MIT', 'Apache-2.0'], 'Apache-2.0 AND MIT'],
    ['a name that SPDX does not know', 'BSD', ['BSD-3-Clause'], 'BSD-3-Clause'],
    ['a pointer to the file', 'SEE LICENSE IN LICENSE.md', ['ISC'], 'ISC'],
    ['a text that contradicts', 'MIT', ['ISC'], 'ISC'],
    ['a text besides', 'MIT', ['MIT', 'ISC'], 'MIT AND ISC'],
    [
      'a text besides a choice',
      'MIT OR Apache-2.0',
      ['MIT', 'Apache-2.0', 'ISC'],
      '(MIT OR Apache-2.0) AND ISC',
    ],
    ['the same text twice', 'MIT', ['MIT', 'MIT'], 'MIT'],
    ['GPL, declared with later versions', 'GPL-2.0-or-later', ['GPL-2.0-only'], 'GPL-2.0-or-later'],
    ['GPL, declared without them', 'GPL-3.0-only', ['GPL-3.0-or-later'], 'GPL-3.0-only'],
    ['GPL, in the old form', 'GPL-2.0+', ['GPL-2.0-only'], 'GPL-2.0-or-later'],
    ['GPL, in the old form without a sign', 'GPL-2.0', ['GPL-2.0-only'], 'GPL-2.0-only'],
    [
      'LGPL 3.0 with the text that it adds to',
      'LGPL-3.0-only',
      ['LGPL-3.0-only', 'GPL-3.0-only'],
      'LGPL-3.0-only',
    ],
    ['later versions of a license', 'Apache-2.0+', ['Apache-2.0'], 'Apache-2.0+'],
  ])('follows from %s', (_, declared, ids, concluded) => {
    expect(concludeLicense(declared, textsOf(...ids))).toBe(concluded)
  })

  it.each([
    ['no text', 'MIT', []],
    ['the text of GPL alone', undefined, ['GPL-3.0-only']],
    ['the text of GPL where a name leaves it open', 'GPLv3', ['GPL-3.0-only']],
    ['one text of a sum', 'MIT AND Apache-2.0', ['MIT']],
    [
      'the text of a license with an exception',
      'GPL-2.0-only WITH Classpath-exception-2.0',
      ['GPL-2.0-only'],
    ],
    ['an open text besides', 'MIT', ['MIT', 'GPL-2.0-only']],
  ])('does not follow from %s', (_, declared, ids) => {
    expect(concludeLicense(declared, textsOf(...ids))).toBeUndefined()
  })

  it('is not led astray by an expression that is none', () => {
    for (const declared of ['('.repeat(100_000), '('.repeat(1900), 'MIT OR '.repeat(200), '__proto__', '\0'])
      expect(concludeLicense(declared, textsOf('MIT'))).toBe('MIT')
  })
})

describe('declared licenses', () => {
  it('are found when each has its text', () => {
    expect(allDeclaredAreFound('MIT OR Apache-2.0', textsOf('MIT', 'Apache-2.0'))).toBe(true)
    expect(allDeclaredAreFound('MIT OR Apache-2.0', textsOf('MIT'))).toBe(false)
    expect(allDeclaredAreFound(undefined, textsOf('MIT'))).toBe(false)
  })
})

describe('names of files', () => {
  it.each([
    'LICENSE',
    'LICENCE',
    'license',
    'LICENSE.md',
    'LICENSE.txt',
    'license.rst',
    'LICENSE-MIT',
    'LICENSE-APACHE',
    'LICENSE.APACHE2',
    'LICENSE_1_0.txt',
    'MIT-LICENSE',
    'MIT-LICENSE.txt',
    'ROME-LICENSE-MIT',
    'COPYING',
    'COPYING.LESSER',
    'UNLICENSE',
    'License',
    'LICENSES.txt',
    'license-cc0',
  ])('%s is a license file', (name) => {
    expect(isLicenseFileName(name)).toBe(true)
  })

  it.each([
    'NOTICE',
    'README.md',
    'license.js',
    'license.json',
    'licenses.html',
    'THIRD-PARTY-LICENSE',
    'LICENSE-3RD-PARTY',
    'ThirdPartyNotices.txt',
    'copyright.ts',
    'PATENTS',
    'AUTHORS',
    'licensed.txt',
    'package.json',
    'sublicense.txt',
  ])('%s is none', (name) => {
    expect(isLicenseFileName(name)).toBe(false)
  })
})

describe('copyright notices', () => {
  it('are read as they stand, without repetition and placeholders', () => {
    const text = `MIT License

 * Copyright (c) 2015 Ada Lovelace <ada@example.org>. All rights reserved.
Copyright © 2016-2020, Grace Hopper
Copyright © 2016-2020, Grace Hopper
Copyright Mathias Bynens
Copyright (c) <year> <copyright holders>
Copyright [yyyy] [name of copyright owner]

The above copyright notice and this permission notice shall be included in all copies.
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM
copyright owner that is granting the License.
`
    expect(copyrightNotices(text)).toEqual([
      'Copyright (c) 2015 Ada Lovelace <ada@example.org>.',
      'Copyright © 2016-2020, Grace Hopper',
      'Copyright Mathias Bynens',
    ])
  })
})
