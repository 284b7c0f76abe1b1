import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPointerToLicense, matchLicenseText } from '../../../../src/lib/lint/licenses/texts/index.ts'
import { REPOSITORY } from '../../../support/aiv.ts'
import { processorMs } from '../../../support/processor-time.ts'

const LISTED = createRequire(import.meta.url)('spdx-license-list/full.js') as Record<
  string,
  { readonly licenseText: string }
>

function listed(id: string): string {
  const text = LISTED[id]?.licenseText
  if (text === undefined) throw new Error(`SPDX lists no ${id}`)
  return text
}

describe('a license text', () => {
  // Pairs that differ in a clause, in a word, or in what they leave out; read side by side.
  it.each([
    ['MIT', 'MIT-0'],
    ['MIT', 'X11'],
    ['MIT', 'JSON'],
    ['MIT', 'MITNFA'],
    ['ISC', '0BSD'],
    ['ISC', 'ISC-Veillard'],
    ['BSD-2-Clause', 'BSD-3-Clause'],
    ['BSD-2-Clause', 'BSD-1-Clause'],
    ['BSD-2-Clause', 'BSD-2-Clause-Patent'],
    ['BSD-2-Clause', 'BSD-2-Clause-Views'],
    ['BSD-3-Clause', 'BSD-3-Clause-Clear'],
    ['BSD-3-Clause', 'BSD-3-Clause-No-Nuclear-License'],
    ['BSD-3-Clause', 'BSD-3-Clause-No-Military-License'],
    ['BSD-3-Clause', 'BSD-4-Clause'],
    ['Zlib', 'zlib-acknowledgement'],
    ['CC-BY-4.0', 'CC-BY-NC-4.0'],
    ['CC-BY-SA-4.0', 'CC-BY-NC-SA-4.0'],
    ['EPL-1.0', 'CPL-1.0'],
    ['MPL-1.0', 'MPL-1.1'],
    ['Unlicense', 'MIT'],
  ])('of %s is told from %s', (one, other) => {
    expect(matchLicenseText(listed(one))).toMatchObject({ license: one, similarity: 1, isOpen: false })
    expect(matchLicenseText(listed(other))).toMatchObject({ license: other, similarity: 1, isOpen: false })
  })

  it('that several licenses share leaves open which of them is meant', () => {
    for (const id of ['GPL-2.0', 'GPL-3.0', 'LGPL-2.1', 'LGPL-3.0', 'AGPL-3.0']) {
      const match = matchLicenseText(listed(`${id}-or-later`))
      expect(match).toMatchObject({ license: id, isOpen: true })
      expect(match?.sameText).toEqual(expect.arrayContaining([`${id}-only`, `${id}-or-later`]))
    }
  })

  it('keeps its name in every form that people write it in', () => {
    const forms: Record<string, (text: string) => string> = {
      'with a holder': (text) =>
        text.replace('<year> <copyright holders>', '2011-2024 Ada Lovelace <ada@example.org>'),
      'with several holders': (text) =>
        text.replace(
          /Copyright.*/,
          'Copyright (c) 2014 Ada\nCopyright © 2015, Grace Hopper and contributors',
        ),
      'with another title': (text) =>
        text.replace('MIT License', 'The MIT License (MIT)\n====================='),
      'without a title': (text) => text.replace('MIT License', ''),
      'in Markdown': (text) => `# ${text.replaceAll('\n\n', '\n\n> ')}`,
      'in a comment': (text) => text.replace(/^/gm, ' * '),
      'in capitals': (text) => text.toUpperCase().replace(/COPYRIGHT \(C\).*/, 'COPYRIGHT (C) 2020 ADA'),
      'in one line a paragraph': (text) => text.replace(/(\S)\n(\S)/g, '$1 $2'),
      'with line ends of Windows': (text) => text.replaceAll('\n', '\r\n'),
      'with curly quotation marks': (text) =>
        text.replace('"Software"', '“Software”').replace('"AS IS"', '“AS IS”'),
      'with a byte order mark': (text) => `\ufeff${text}`,
    }
    for (const [form, write] of Object.entries(forms))
      expect(matchLicenseText(write(listed('MIT'))), form).toMatchObject({ license: 'MIT' })
  })

  it('keeps its name with and without the part that explains how to apply it', () => {
    for (const id of ['Apache-2.0', 'GPL-3.0']) {
      const text = listed(id)
      const end = text.indexOf('END OF TERMS AND CONDITIONS')
      expect(end).toBeGreaterThan(0)
      expect(matchLicenseText(text.slice(0, end))).toMatchObject({ license: id, similarity: 1 })
    }
  })

  it('of LGPL 3.0 is known without the text of GPL 3.0 that it adds to', () => {
    const text = listed('LGPL-3.0-only')
    const alone = text.slice(0, text.indexOf('GNU GENERAL PUBLIC LICENSE', 3000))
    expect(alone.length).toBeLessThan(10_000)
    expect(matchLicenseText(alone)).toMatchObject({ license: 'LGPL-3.0', similarity: 1 })
  })

  it.each([
    [
      'BSD-3-Clause',
      'Neither the name of the copyright holder nor',
      'Neither the name of the Analytical Engine Company nor',
    ],
    ['BSD-3-Clause', 'nor the names of its contributors', 'nor those of its contributors'],
    [
      'BSD-2-Clause',
      'PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS',
      'PROVIDED BY THE REGENTS AND CONTRIBUTORS',
    ],
    ['BSD-2-Clause', 'SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE', 'SHALL ADA LOVELACE BE LIABLE'],
    ['ISC', 'ISC DISCLAIMS', 'THE AUTHOR DISCLAIMS'],
    ['ISC', 'SHALL ISC BE LIABLE', 'SHALL THE AUTHOR BE LIABLE'],
  ])('of %s may name another holder than %s', (id, before, after) => {
    const wrapped = new RegExp(before.replaceAll(' ', '\\s+'))
    expect(listed(id)).toMatch(wrapped)
    expect(matchLicenseText(listed(id).replace(wrapped, after))).toMatchObject({ license: id, similarity: 1 })
  })

  it('may not say more in the place of a name', () => {
    const text = listed('ISC').replace('ISC DISCLAIMS', 'THE AUTHOR EXCEPT WHERE PAID DISCLAIMS')
    expect(matchLicenseText(text)).toBeUndefined()
  })

  it.each([
    [
      'a word that turns the sense',
      (text: string) => text.replace('is hereby granted', 'is not hereby granted'),
    ],
    [
      'a limit of what it is for',
      (text: string) => text.replace('any person', 'any person for personal use'),
    ],
    [
      'the word that frees of charge taken out',
      (text: string) => text.replace('without restriction', 'with restriction'),
    ],
    [
      'a limit in the notice',
      (text: string) => text.replace(/Copyright.*/, 'Copyright (c) 2020 Ada. Commercial use is prohibited.'),
    ],
    [
      'a limit after the notice',
      (text: string) =>
        text.replace(/Copyright.*/, 'Copyright (c) 2019 Ada\n2020 Grace, not for commercial use'),
    ],
    ['a limit in the title', (text: string) => text.replace('MIT License', 'MIT License (Non-Commercial)')],
    [
      'a further condition',
      (text: string) =>
        `${text}\nThe Software may be run by those alone who have told the authors of it in a letter that was sent by post before.`,
    ],
    ['a condition less', (text: string) => text.replace(/The above copyright notice[^.]*\./, '')],
    ['another license after it', (text: string) => `${text}\n${listed('ISC')}`],
  ])('is not that of MIT with %s', (_, change) => {
    const text = change(listed('MIT'))
    expect(text).not.toBe(listed('MIT'))
    expect(matchLicenseText(text)?.license).not.toBe('MIT')
  })

  it('is not that of a long license with a clause among its own', () => {
    const clause =
      'You shall send each copy of the Work that You change to the office of the Licensor in a sealed box, and pay the post for it, before You hand it on to anybody else.'
    const text = listed('Apache-2.0').replace(
      '5. Submission of Contributions',
      `${clause}\n\n5. Submission of Contributions`,
    )
    expect(text).toContain(clause)
    expect(matchLicenseText(text)).toBeUndefined()
  })

  it('is not that of Apache with an exception after it', () => {
    const text = `${listed('Apache-2.0')}\n---- LLVM Exceptions to the Apache 2.0 License ----\nAs an exception, if, as a result of your compiling your source code, portions of this Software are embedded into an Object form of such source code, you may redistribute such embedded portions.`
    expect(matchLicenseText(text)).toBeUndefined()
  })

  it.each([
    ['nothing', ''],
    ['a name', 'MIT'],
    ['a section of a readme', '## License\n\nThis project is licensed under the MIT license. See LICENSE.'],
    ['other words', 'word '.repeat(200)],
    [
      'a notice in source files',
      'Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance with the License.',
    ],
  ])('is none: %s', (_, text) => {
    expect(matchLicenseText(text)).toBeUndefined()
  })

  it('of every license that SPDX lists is known as its own', () => {
    // Three lines that refer to a list elsewhere; there are not enough words to tell them from other prose.
    const tooShort = new Set(['any-OSI'])
    const wrong = Object.keys(LISTED).filter(
      (id) => !tooShort.has(id) && matchLicenseText(listed(id))?.sameText.includes(id) !== true,
    )
    expect(wrong).toEqual([])
  })

  it('shipped by a package is of a license that the package declares', () => {
    const folder = join(REPOSITORY, 'node_modules')
    const found = globSync('{,@*/}*/{LICENSE,LICENCE,license,License}{,.md,.txt}', { cwd: folder }).flatMap(
      (path) => {
        const manifest: unknown = JSON.parse(
          readFileSync(join(folder, dirname(path), 'package.json'), 'utf8'),
        )
        const declared = Reflect.get(manifest as object, 'license') as unknown
        const match = matchLicenseText(readFileSync(join(folder, path), 'utf8'))
        return typeof declared === 'string' && match !== undefined ? [{ path, declared, match }] : []
      },
    )
    expect(found.length).toBeGreaterThan(80)
    const wrong = found.filter(
      ({ declared, match }) => !declared.split(/[() ]/).some((id) => match.sameText.includes(id)),
    )
    expect(wrong).toEqual([])
  })

  it('takes a bounded time, whatever it says', () => {
    const hostile = [
      `${' '.repeat(500_000)}x`,
      'a '.repeat(250_000),
      `${'= '.repeat(250_000)}x`,
      '(c) '.repeat(100_000),
      'Copyright (c) 2020 <'.repeat(20_000),
      `${listed('GPL-3.0').split(' ').sort().join(' ')} end`,
      `${listed('GPL-3.0')}${' not'.repeat(500)}`,
      '\n'.repeat(500_000),
      'x'.repeat(5_000_000),
      '&'.repeat(500_000),
      'http://'.repeat(70_000),
    ]
    for (const text of hostile) {
      const work = () => expect(matchLicenseText(text)).toBeUndefined()
      expect(processorMs(work), text.slice(0, 20)).toBeLessThan(4000)
    }
  })

  it('of any characters is read without an error', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.constantFrom('MIT', 'ISC', '0BSD'),
        (junk, id) => {
          matchLicenseText(`${junk}\n${listed(id)}\n${junk}`)
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('a file that points to license texts', () => {
  it.each([
    [
      'This project is dual-licensed under the Unlicense and MIT licenses.\n\nYou may use this code under the terms of either license.\n',
      'regex',
    ],
    [
      'This software is made available under the terms of *either* of the\nlicenses found in LICENSE.APACHE2 or LICENSE.MIT. Contributions to outcome are made\nunder the terms of *both* these licenses.',
      'outcome',
    ],
  ])('permits and forbids nothing of its own: %s', (text, name) => {
    expect(isPointerToLicense(text, name)).toBe(true)
  })

  it.each([
    'See LICENSE-MIT. Military use is prohibited.',
    'You may look at the fonts, and pay before you use them.',
    'Licensed under the MIT license for students',
    'Contributions to trio are made under the terms of both these licenses.',
    listed('MIT'),
  ])('does not say anything else: %s', (text) => {
    expect(isPointerToLicense(text, 'outcome')).toBe(false)
  })
})
