import { describe, expect, it } from 'vitest'
import { failureJson, failureOf, failureText, stackText } from '../../src/lib/cli/failure/failure.ts'
import { hasFlag } from '../../src/lib/cli/failure/report.ts'
import { AivError } from '../../src/lib/core/index.ts'
import { aiv, temporaryFolder } from '../support/aiv.ts'

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: no`), { code })
}

describe('a failure', () => {
  it('is one sentence for what happened and one for what to do', () => {
    const failure = failureOf(
      new AivError('E_UNREACHABLE', 'nothing listens there', { hint: 'Start the listener' }),
    )
    expect(failureText(failure!)).toBe('error: nothing listens there. Start the listener.')
  })

  it('is an object with code, message and hint in JSON', () => {
    const failure = failureOf(new AivError('E_ADDRESS', 'no port', { hint: 'Add one' }))
    expect(JSON.parse(failureJson(failure!))).toEqual({
      v: 1,
      error: { code: 'E_ADDRESS', message: 'no port', hint: 'Add one' },
    })
  })

  it.each([
    ['ECONNREFUSED', 'E_UNREACHABLE'],
    ['EADDRINUSE', 'E_ADDRESS_IN_USE'],
    ['EACCES', 'E_PERMISSION'],
    ['ENOENT', 'E_NOT_FOUND'],
    ['ENOSPC', 'E_IO'],
  ])('%s of the system is %s and exit code 3', (code, expected) => {
    expect(failureOf(systemError(code))).toMatchObject({ code: expected, exitCode: 3 })
  })

  it('by an interruption is exit code 130, also when the platform says it in its own way', () => {
    for (const error of [new AivError('E_ABORTED', 'interrupted'), new DOMException('', 'AbortError')])
      expect(failureOf(error)).toMatchObject({ code: 'E_ABORTED', exitCode: 130 })
  })

  it('is a defect when nobody expected it, and says so', () => {
    const failure = failureOf(new TypeError('x is undefined'))
    expect(failure).toMatchObject({ code: 'E_INTERNAL', exitCode: 3 })
    expect(failureText(failure!)).toContain('--debug')
  })

  it('is found in whatever was thrown', () => {
    for (const thrown of ['text', 7, null, undefined, {}])
      expect(failureOf(thrown)).toMatchObject({ code: 'E_INTERNAL' })
  })

  it('shows its causes in the stack, and does not follow a circle for ever', () => {
    const inner = new Error('inner')
    const outer = new Error('outer', { cause: inner })
    inner.cause = outer
    expect(stackText(outer)).toContain('caused by: Error: inner')
  })
})

describe('a flag is seen', () => {
  it.each([
    [['--json'], true],
    [['a', '--json=1'], true],
    [['--', '--json'], false],
    [['--jsonx'], false],
  ])('in %j: %s', (argv, expected) => {
    expect(hasFlag(argv, '--json')).toBe(expected)
  })
})

describe('a file or folder of a flag that is not there', () => {
  it.each([
    [['lint', 'bench', '--lock', 'nothing.json'], 'error: --lock: No file found at nothing.json'],
    [['htx', 'get', 'x', '--into', 'nothing'], 'error: --into: No directory found at nothing'],
  ])('is wrong usage and no defect: %j', async (args, says) => {
    const { code, stderr } = await aiv(args, { cwd: temporaryFolder() })
    expect(code).toBe(2)
    expect(stderr).toContain(says)
    expect(stderr).not.toContain('internal error')
  })
})
