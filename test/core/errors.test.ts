import { describe, expect, it } from 'vitest'
import { AivError, ERROR_CODES, type ErrorCode, exitCodeOf, isAivError } from '../../src/lib/core/index.ts'

describe('errors', () => {
  it('lead to an exit code that says no (1), wrong usage (2) or a failed environment (3)', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
      expect(code).toMatch(/^E_[A-Z0-9_]+$/)
      expect([1, 2, 3]).toContain(exitCodeOf(code))
      expect(new AivError(code, 'x').exitCode).toBe(exitCodeOf(code))
    }
    expect([exitCodeOf('E_AUTHENTICATION'), exitCodeOf('E_USAGE'), exitCodeOf('E_TIMEOUT')]).toEqual([
      1, 2, 3,
    ])
  })

  it('are told from other errors, by code where one is given', () => {
    const error = new AivError('E_MALFORMED', 'bad', { hint: 'look again', cause: new Error('why') })
    expect([isAivError(error), isAivError(error, 'E_MALFORMED'), isAivError(error, 'E_IO')]).toEqual([
      true,
      true,
      false,
    ])
    expect(isAivError(new Error('bad'))).toBe(false)
    expect([error.hint, (error.cause as Error).message]).toEqual(['look again', 'why'])
  })
})
