import { AivCommand, Args, Flags } from '../../lib/cli/index.ts'
import type { SuiteResult } from '../../lib/core/index.ts'
import { loadVectorSuite, runVectors, vectorsHold } from '../../lib/lint/index.ts'

export default class LintVectors extends AivCommand {
  static override summary = 'replay third-party test vectors against this library'
  static override description =
    `Prints one result for each file. The exit code is 1 when a vector failed or a file had none that could be
judged, and 2 when a file cannot be read. What was skipped is listed with the reason; a note says where a vector was
not judged as it stands.`
  static override examples = [
    '<%= config.bin %> lint vectors --suite noise vectors.json',
    '<%= config.bin %> lint vectors --suite noise --json vectors.json',
    '<%= config.bin %> lint vectors --suite ja4 expected.json',
  ]
  static override args = {
    file: Args.string({ description: 'vector files', required: true, multiple: true }),
  }
  static override flags = {
    suite: Flags.string({ summary: 'which suite reads the files', required: true, helpValue: 'NAME' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LintVectors)
    const results = await runVectors(await loadVectorSuite(flags.suite), args.file)
    if (this.out.isJson) this.out.jsonArray(results)
    else for (const result of results) this.#print(result)
    if (!vectorsHold(results)) this.exit(1)
  }

  #print({ file, passed, failed, skipped, failures, skips, notes }: SuiteResult): void {
    this.out.text(`${file}: ${passed} passed, ${failed} failed, ${skipped} skipped`)
    for (const { id, reason } of failures) this.out.text(`  FAILED  ${id}: ${reason}`)
    for (const { id, reason } of skips) this.out.text(`  skipped ${id}: ${reason}`)
    for (const { id, reason } of notes) this.out.text(`  note    ${id}: ${reason}`)
  }
}
