import { AivCommand, Args, openInput } from '../../lib/cli/index.ts'

export default class UtlsMatch extends AivCommand {
  static override summary = 'say which browser a hello is of, or that it only pretends'
  static override description =
    `Reads what \`aiv utls fingerprint\` reads, and compares the whole structure of each ClientHello with the
known templates: lists, bodies, order, GREASE, key shares, sizes of ECH, trust anchors. Three answers: a browser with its
range of versions and the fields that decide it; an impostor, which offers what a browser offers and does what it does not,
with what gave it away; or unknown. A program that was built from the code of a browser cannot be told from it.`
  static override examples = [
    '<%= config.bin %> utls match capture.pcapng',
    '<%= config.bin %> utls hello --sni example.com | <%= config.bin %> utls match - --json',
  ]
  static override args = {
    file: Args.string({ description: 'a capture, bytes or hexadecimal; stdin when it is - or absent' }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(UtlsMatch)
    const { printHellos } = await import('../../lib/cli/utls/print-hellos.ts')
    const lines = await import('../../lib/cli/utls/match-lines.ts')
    await printHellos(openInput(args.file), {
      ...(this.out.isJson
        ? { line: lines.matchJson }
        : { head: lines.MATCH_TABLE_HEAD, line: lines.matchText }),
      logger: this.logger,
      signal: this.signal,
    })
  }
}
