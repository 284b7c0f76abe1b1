import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../../src/lib/core/index.ts'
import { failureWords, logLine, statusLine } from '../../../src/lib/htx/index.ts'
import { judge } from '../../support/judge.ts'

const MESSAGE = /^LOG SEVERITY=notice MESSAGE=("(?:[^"\\]|\\.)*")$/

describe('a message to the parent', () => {
  it('is one line of the protocol', () => {
    expect(logLine('notice', 'ready')).toBe('LOG SEVERITY=notice MESSAGE="ready"')
    expect(logLine('warning', 'a "word", a \\ and\na line')).toBe(
      String.raw`LOG SEVERITY=warning MESSAGE="a \"word\", a \\ and\na line"`,
    )
    expect(logLine('error', '\u{1b}[31m\u0000é')).toBe(
      String.raw`LOG SEVERITY=error MESSAGE="\033[31m?\303\251"`,
    )
  })

  it('stays one line of printable ASCII within its quotes, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        const line = logLine('notice', text)
        expect(line).toMatch(/^[ -~]*$/)
        expect(line).toMatch(MESSAGE)
        expect(line.length).toBeLessThan(2200)
      }),
    )
  })

  const python = judge('python3')

  // The literals of Python know the same escapes as C and the control protocol of tor.
  it.runIf(python !== undefined)('says to another reader of C escapes what was meant', () => {
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 100 }), { numRuns: 500, seed: 1 })
    const quoted = texts.map((text) => MESSAGE.exec(logLine('notice', text))?.[1])
    const program =
      'import ast, sys\nfor line in sys.stdin: print(ast.literal_eval("b" + line.strip()).hex())'
    const { stdout } = spawnSync(python as string, ['-c', program], {
      input: quoted.join('\n'),
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect(stdout.trimEnd().split('\n')).toEqual(
      texts.map((text) => Buffer.from(text.replaceAll('\u0000', '?')).toString('hex')),
    )
  })

  it('about a failure has words of its own for every code', () => {
    for (const code of Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[])
      expect(failureWords(code)).toMatch(new RegExp(`^[a-z].* \\(${code}\\)$`))
  })
})

describe('a status for the parent', () => {
  it('is a list of keys and values, quoted where a word does not do', () => {
    expect(statusLine('htx', { ADDRESS: '[2001:db8::1]:443', CONNECT: 'Success' })).toBe(
      'STATUS TRANSPORT=htx ADDRESS=[2001:db8::1]:443 CONNECT=Success',
    )
    expect(statusLine('htx', { ADDRESS: 'x CONNECT=Success\nLOG', CONNECT: 'Failed' })).toBe(
      String.raw`STATUS TRANSPORT=htx ADDRESS="x CONNECT=Success\nLOG" CONNECT=Failed`,
    )
  })
})
