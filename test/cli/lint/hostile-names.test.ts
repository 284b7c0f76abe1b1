import { describe, expect, it } from 'vitest'
import { diffLines } from '../../../src/lib/cli/lint/diff-text.ts'
import { licenseLines } from '../../../src/lib/cli/lint/license-text.ts'
import { whyLines } from '../../../src/lib/cli/lint/why-text.ts'
import type { Bom, Component } from '../../../src/lib/lint/index.ts'

/** Each would stop a CI runner from seeing the findings that follow, if it began a line or stood in one. */
const COMMANDS = [
  'x\n::stop-commands::t',
  '::stop-commands::t',
  ' \t::error::no',
  'x ##[stop-commands]t',
  '\u001b[2J',
]

/** As the runner looks for commands: after blanks at the beginning of a line, or in the older form anywhere. */
const UNSAFE = /^\s*::|##\[|\p{Cc}/u

function component(name: string): Component {
  return { ref: name, type: 'library', name, version: name, origin: 'document', scope: 'required' }
}

function bom(name: string): Bom {
  return {
    document: { name: 'test', authors: [], tools: [], lifecycles: [] },
    components: [component(name)],
    dependencies: new Map(),
    extractedLicenses: [],
  }
}

function expectSafe(lines: readonly string[]): void {
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines.flatMap((text) => text.split('\n'))) expect(line).not.toMatch(UNSAFE)
}

describe.each(COMMANDS)('a component that is called %j gives the CI runner no command', (name) => {
  it('in the paths that lead to it', () => {
    expectSafe(
      whyLines(bom(name), [
        {
          component: component(name),
          paths: [
            ['gone', name],
            [name, 'x'],
          ],
          more: false,
        },
      ]),
    )
    expectSafe(whyLines(bom('other'), [{ component: component(name), paths: [[name]], more: true }]))
  })

  it('in the list of licenses', () => {
    const judged = (['refused', 'excepted'] as const).map((verdict) => ({
      component: component(name),
      declared: name,
      concluded: undefined,
      license: name,
      verdict,
      reason: name,
    }))
    expectSafe(licenseLines({ judged, unused: [] }, judged))
  })

  it('in a difference', () => {
    const [before, after] = [component(name), component(`${name}2`)]
    const changed = [
      {
        before,
        after,
        changes: [
          { field: 'license', before: name, after: name },
          { field: 'hashes', before: [name], after: [] },
        ],
      },
    ]
    expectSafe(diffLines({ added: [after], removed: [before], changed } as never, ({ name: label }) => label))
  })
})
