import { AivCommand, Args, durationFlag, Flags, openInput, readInput } from '../../../lib/cli/index.ts'

export default class MixDelayAudit extends AivCommand {
  static override summary = 'check whether mixes held packets as long as they had to'
  static override description =
    `Reads what mixes revealed about an epoch in which they drew delays themselves: the seed, with the proof that no other was
possible, and a line for each packet. Only the sender of a packet can find its line, so the check needs loops of your own:
one JSON object a line with "hops" (for each mix "node", "tau", the secret of the packet there, and "command_ms"),
"observed_us" (from sending to coming back; absent when it did not) and "links_us" (how much of that its links take).

A document or a line that is wrong convicts. Then delays are held against the exponential law, and it is counted how many
loops came later or earlier than their delays and --slack allow; a mix is blamed when that is not chance and no other mix
explains it. An honest mix is blamed with a chance of one in a hundred. The exit code is 1 when a mix is dishonest, and when
fewer than 50 loops through one could be measured. A mix that reveals nothing an epoch after the one in question has failed:
there is nothing to read.`
  static override examples = [
    '<%= config.bin %> mix delay audit reveal-*.bin --directory directory.json --loops loops.jsonl',
    '<%= config.bin %> mix delay audit reveal-*.bin --directory directory.json --loops loops.jsonl --slack 20ms --json',
  ]
  static override args = {
    reveal: Args.string({
      description: 'what mixes revealed, a document each; - is stdin',
      required: true,
      multiple: true,
    }),
  }
  static override flags = {
    directory: Flags.file({
      summary: 'directory of the epoch, got before the mixes revealed anything',
      required: true,
      helpValue: 'FILE',
    }),
    loops: Flags.file({ summary: 'loops of your own', required: true, helpValue: 'FILE' }),
    slack: durationFlag({
      summary: 'what may lie between the delays of a loop and its measurement',
      default: 10,
    }),
    authority: Flags.string({
      summary: 'key of an authority that must have signed the directory; may be repeated',
      multiple: true,
      helpValue: 'HEX',
    }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixDelayAudit)
    const { parseHexValue } = await import('../../../lib/cli/mix/hex-value.ts')
    const { auditReveals } = await import('../../../lib/cli/mix/delay-audit.ts')
    const audit = await auditReveals({
      authorities: (flags.authority ?? []).map((key) => parseHexValue(key, 'the key of an authority', 32)),
      directory: await readInput(flags.directory),
      loops: await readInput(flags.loops),
      reveals: args.reveal.map((path) => openInput(path)),
      slackUs: flags.slack * 1_000,
    })
    this.out.answer(audit.document, audit.text)
    if (audit.verdict !== 'honest') this.exit(1)
  }
}
