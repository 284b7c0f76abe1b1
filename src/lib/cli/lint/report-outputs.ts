/** `--output FORMAT=FILE`: several reports of one run. */
import { AivError } from '../../core/index.ts'
import { REPORT_FORMATS, type ReportFormat } from '../../lint/index.ts'
import { refuseSharedFiles } from './document-outputs.ts'

export interface ReportOutput {
  readonly format: ReportFormat
  /** Undefined for stdout. */
  readonly file?: string | undefined
}

/** @throws AivError `E_USAGE` */
export function parseReportOutputs(words: readonly string[]): readonly ReportOutput[] {
  const outputs = words.map((word): ReportOutput => {
    const [name = '', ...rest] = word.split('=')
    const format = REPORT_FORMATS.find((known) => known === name)
    const file = rest.join('=')
    if (format === undefined)
      throw new AivError('E_USAGE', `there is no report ${name}`, {
        hint: `--output takes one of ${REPORT_FORMATS.join(', ')}, and = with a file`,
      })
    if (rest.length > 0 && file === '') throw new AivError('E_USAGE', `--output ${word} names no file`)
    return { format, file: rest.length === 0 || file === '-' ? undefined : file }
  })
  refuseSharedFiles(outputs)
  if (outputs.filter(({ file }) => file === undefined).length > 1)
    throw new AivError('E_USAGE', 'stdout holds one report', {
      hint: 'Write the others to files: FORMAT=FILE',
    })
  return outputs
}
