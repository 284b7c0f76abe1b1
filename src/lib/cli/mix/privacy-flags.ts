/** Flags that `mix analyze` and `mix sim` share. */
import * as Flags from '@oclif/core/flags'
import { AivError } from '../../core/index.ts'

/** Tests of privacy by their names in the documentation. */
const TESTS = ['T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T10', 'T11', 'T14'] as const

export const TEST_FLAG = Flags.option({
  summary: 'make only this test; may be repeated',
  options: TESTS,
  multiple: true,
})()

export const SEED_FLAG = Flags.integer({
  summary: 'the same seed gives the same answer',
  default: 1,
  min: 0,
  max: 2 ** 32 - 1,
})

export const PLOT_FLAG = Flags.file({
  summary: 'write delays and entropies as an SVG plot',
  helpValue: 'FILE',
})

/** `--rate 0.5`: a plain decimal number. */
export const decimalFlag = Flags.custom<number>({
  helpValue: 'NUMBER',
  parse: async (text) => {
    if (!/^\d{1,9}(?:\.\d{1,9})?$/.test(text))
      throw new AivError('E_USAGE', `"${text}" is no number such as 0.5`)
    return Number(text)
  },
})
