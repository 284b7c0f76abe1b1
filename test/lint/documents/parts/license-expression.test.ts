import { readFileSync } from 'node:fs'
import deprecated from 'spdx-license-ids/deprecated.json' with { type: 'json' }
import ids from 'spdx-license-ids/index.json' with { type: 'json' }
import { describe, expect, test } from 'vitest'
import { licenseChoices } from '../../../../src/lib/lint/documents/cyclonedx/licenses.ts'
import { licenseExpression } from '../../../../src/lib/lint/documents/parts/license-expression.ts'
import { conformancePath } from '../../../support/conformance.ts'

describe('a license expression', () => {
  test.each([
    ['MIT', 'MIT', 'MIT'],
    ['mit', 'MIT', 'MIT'],
    ['apache-2.0 or MIT', 'Apache-2.0 OR MIT', undefined],
    ['GPL-2.0-only WITH Classpath-exception-2.0', 'GPL-2.0-only WITH Classpath-exception-2.0', undefined],
    ['(MIT AND LicenseRef-x)', '(MIT AND LicenseRef-x)', undefined],
    ['LicenseRef-x', 'LicenseRef-x', undefined],
    ['Apache-2.0+', 'Apache-2.0+', undefined],
  ])('%s is spelled %s', (given, text, id) => {
    expect(licenseExpression(given)).toMatchObject({ text, id })
  })

  test.each([
    'Apache License 2.0',
    'SEE LICENSE IN LICENSE',
    'UNLICENSED',
    'NOASSERTION',
    'NONE',
    'MIT/Apache-2.0',
    'MIT OR',
    '',
    'DocumentRef-a:LicenseRef-b',
  ])('is not %j', (text) => {
    expect(licenseExpression(text)).toBeUndefined()
  })

  test('has a reference in the spelling of SPDX, so that its text is found', () => {
    expect(licenseExpression('mit OR licenseref-A')).toMatchObject({
      text: 'MIT OR LicenseRef-A',
      references: ['LicenseRef-A'],
    })
  })

  test('may have exceptions that are younger than the packages with the lists, and no additions of SPDX 3.0', () => {
    expect(licenseExpression('GPL-2.0-only WITH harbour-exception')?.references).toEqual([])
    expect(licenseExpression('MIT WITH AdditionRef-x')).toBeUndefined()
  })

  test('names each text that it refers to once', () => {
    expect(licenseExpression('LicenseRef-b OR (LicenseRef-a AND LicenseRef-b)')?.references).toEqual([
      'LicenseRef-a',
      'LicenseRef-b',
    ])
  })
})

test('CycloneDX gets an identifier only where the published list of identifiers has it', () => {
  const path = conformancePath('lint', 'schemas', 'spdx.schema.json')
  if (path === undefined) return
  const listed = new Set((JSON.parse(readFileSync(path, 'utf8')) as { enum: string[] }).enum)
  for (const id of [...ids, ...deprecated]) {
    const [choice] = licenseChoices({ declared: id }, '1.6')
    expect(choice).toEqual(
      listed.has(id)
        ? { license: { id, acknowledgement: 'declared' } }
        : { expression: id, acknowledgement: 'declared' },
    )
  }
})
