/** People, tools, places and times as single lines. */
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { isDigest } from '../../../../src/lib/lint/documents/parts/hash-lengths.ts'
import {
  formatOccurrences,
  parseOccurrences,
} from '../../../../src/lib/lint/documents/parts/texts/occurrence-text.ts'
import { formatParty, isEmail, parseParty } from '../../../../src/lib/lint/documents/parts/texts/party.ts'
import { wholeSeconds } from '../../../../src/lib/lint/documents/parts/texts/time.ts'
import { formatTool, parseTool } from '../../../../src/lib/lint/documents/parts/texts/tools.ts'
import { contentUuid } from '../../../../src/lib/lint/documents/parts/texts/uuid.ts'
import { judge } from '../../../support/judge.ts'

describe('a person or organization', () => {
  // The first three stand in the examples of SPDX 2.3 §6.8 and §7.5.
  test.each([
    ['Person: Jane Doe ()', { kind: 'person', name: 'Jane Doe' }],
    [
      'Organization: ExampleCodeInspect (contact@example.com)',
      { kind: 'organization', name: 'ExampleCodeInspect', email: 'contact@example.com' },
    ],
    [
      'Person: Jane Doe (jane.doe@example.com)',
      { kind: 'person', name: 'Jane Doe', email: 'jane.doe@example.com' },
    ],
    ['Organization: Acme (Europe) ()', { kind: 'organization', name: 'Acme (Europe)' }],
    ['NOASSERTION', undefined],
    ['Person: anonymous', undefined],
    ['Tool: x-1', undefined],
  ])('%s', (text, party) => {
    expect(parseParty(text)).toEqual(party)
  })

  test('whose name ends in brackets keeps it', () => {
    const party = { kind: 'organization', name: 'Acme (Europe)' } as const
    expect(parseParty(formatParty(party))).toEqual(party)
  })

  test.each(['a@b.example', "o'hara+x@sub.example.com"])('may have the address %s', (text) => {
    expect(isEmail(text)).toBe(true)
  })

  test.each(['', 'a', 'a@', '@b', 'a@b@c', 'a b@c', 'a..b@c', 'a@-b', 'a@b..c', 'a@b (x)'])(
    'has not the address %j',
    (text) => {
      expect(isEmail(text)).toBe(false)
    },
  )
})

test.each([
  ['Tool: LicenseFind-1.0', { name: 'LicenseFind', version: '1.0' }],
  ['Tool: cyclonedx-npm-6.0.0-rc.1', { name: 'cyclonedx-npm', version: '6.0.0-rc.1' }],
  ['Tool: syft-v1.2.3', { name: 'syft', version: 'v1.2.3' }],
  ['Tool: tool', { name: 'tool' }],
])('%s is a tool', (text, tool) => {
  expect(parseTool(text)).toEqual(tool)
  expect(formatTool(tool)).toBe(text)
})

test('places are one line that people can read, whatever the paths are', () => {
  const places = [{ path: 'web/package-lock.json', line: 3 }, { path: 'a, b:1%.lock' }, { path: 'x\ny' }]
  expect(formatOccurrences(places)).toBe('Read from web/package-lock.json:3, a%2C%20b%3A1%25.lock, x%0Ay')
  expect(parseOccurrences(formatOccurrences(places) ?? '')).toEqual(places)
  expect(parseOccurrences('acquired package info from installed packages')).toBeUndefined()
})

test.each([
  ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
  ['2026-01-02T03:04:05.999Z', '2026-01-02T03:04:05Z'],
  ['2026-01-02T03:04:05+02:00', '2026-01-02T01:04:05Z'],
  ['2026-02-30T03:04:05', undefined],
  ['2026-13-02T03:04:05Z', undefined],
  ['9999-12-31T23:59:59-01:00', undefined],
  ['today', undefined],
])('the time %s is %s', (text, seconds) => {
  expect(wholeSeconds(text)).toBe(seconds)
})

test('a digest has the length of its algorithm', () => {
  expect(isDigest('sha256', 'AB'.repeat(32))).toBe(true)
  expect(isDigest('sha256', 'ab'.repeat(31))).toBe(false)
  expect(isDigest('sha256', 'xy'.repeat(32))).toBe(false)
  expect(isDigest('sha512', 'ab'.repeat(64))).toBe(true)
})

test('a name of content is the UUID that Python makes of it', () => {
  const python = judge('python3')
  if (python === undefined) return
  const url = 'https://example.com/x'
  const content = '{"name":"Käse"}'
  const script = 'import sys,uuid;print(uuid.uuid5(uuid.NAMESPACE_URL,sys.argv[1]))'
  const made = execFileSync(python, ['-c', script, `${url}\n${content}`], { encoding: 'utf8' }).trim()
  expect(contentUuid(url, content)).toBe(made)
})
