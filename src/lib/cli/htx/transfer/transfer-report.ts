/** Prints what became of the files of a command. */

import { toHex } from '../../../core/index.ts'
import type { Output } from '../../output.ts'
import { formatSize } from '../../quantities.ts'
import { describeFile, type TransferReport } from './transfers.ts'

/** @returns false when a file failed */
export function printReport({ done, failed }: TransferReport, out: Output): boolean {
  const failures = failed.map(({ name, error }) => ({ name, code: error.code, message: error.message }))
  out.answer({ files: done.map(describeFile), failed: failures }, () =>
    [
      ...done.map(({ name, size, resumedFrom, sha256 }) => {
        const resumed = resumedFrom === 0 ? '' : `, from ${formatSize(resumedFrom)} on`
        return `${toHex(sha256)}  ${name}  (${formatSize(size)}${resumed})`
      }),
      ...failures.map(({ name, message }) => `FAILED  ${name}: ${message}`),
    ].join('\n'),
  )
  return failed.length === 0
}
