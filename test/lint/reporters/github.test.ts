import { describe, expect, it } from 'vitest'
import { renderReport } from '../../../src/lib/lint/reporters/index.ts'
import { finding, HOSTILE, reportInput, reportOf } from '../../support/lint-findings.ts'

/** As the runner does it: `::name key=value,…::message`, with its five escapes undone. */
function commands(text: string) {
  return text
    .split('\n')
    .filter((line) => line.startsWith('::'))
    .map((line) => {
      const [, head = '', message = ''] = /^::(.*?)::(.*)$/.exec(line) ?? []
      const [name, ...rest] = head.split(' ')
      const properties = rest
        .join(' ')
        .split(',')
        .map(
          (pair) => [pair.slice(0, pair.indexOf('=')), unescaped(pair.slice(pair.indexOf('=') + 1))] as const,
        )
      return { name, properties: Object.fromEntries(properties), message: unescaped(message) }
    })
}

function unescaped(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%')
}

async function github(findings: Parameters<typeof reportOf>[0]): Promise<string> {
  return await renderReport('github', reportInput(reportOf(findings)))
}

describe('annotations for GitHub', () => {
  it('name the file, the place and the rule', async () => {
    expect(commands(await github([finding()]))).toEqual([
      {
        name: 'error',
        properties: {
          file: 'sbom.cdx.json',
          line: '3',
          col: '5',
          endColumn: '9',
          title: 'SB0004 dangling-reference',
        },
        message: 'Something refers to nothing.',
      },
    ])
  })

  it.each([
    ['critical', 'error'],
    ['error', 'error'],
    ['warning', 'warning'],
    ['info', 'notice'],
  ] as const)('call %s %s', async (severity, name) => {
    expect(commands(await github([finding({ severity })]))[0]?.name).toBe(name)
  })

  it.each(HOSTILE)('are one command whatever a document says: %j', async (text) => {
    const found = commands(await github([finding({ message: text, path: text })]))
    expect(found).toHaveLength(1)
    // What would act on the terminal of whoever reads the log is gone, and nothing else.
    const shown = text.replace(/[^\P{Cc}\r\n]|[\u2028\u202e]/gu, '\ufffd')
    expect(found[0]?.properties.file).toBe(shown)
    expect(found[0]?.message).toBe(shown)
  })

  it('leave out what is suppressed', async () => {
    const text = await github([finding({ suppression: { kind: 'baseline', reason: 'known' } })])
    expect(commands(text)).toEqual([])
  })
})
