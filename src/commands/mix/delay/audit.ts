import { AivCommand, Args, durationFlag, Flags, openInput, readInput } from '../../../lib/cli/index.ts'

export default class MixDelayAudit extends AivCommand {
  static override summary = 'check whether a mix held packets as long as it had to'
  static override description =
    `Reads what a mix revealed about an epoch in which it drew the delays itself: the seed, with the proof that no other was
possible, and a line for each packet. Samples are packets of your own, which alone you can find in it: one JSON object a line
with "tau" (the secret of the packet at this mix), "observed_us" (from sending to coming back; absent when it did not),
"elsewhere_us" (how much of that was spent on links and at other mixes) and "command_ms" (what the packet asked for).

A line that is missing or wrong convicts. Then all delays are held against the exponential law, and it is counted how many
packets came later or earlier than --slack allows. An honest mix fails with a chance of one in a hundred. The exit code is 1
for a dishonest mix, and for one about which fewer than 50 packets decide nothing. A mix that reveals nothing an epoch after
the one in question has failed: there is nothing to read.`
  static override examples = [
    '<%= config.bin %> mix delay audit reveal.bin --directory directory.json --samples samples.jsonl',
    '<%= config.bin %> mix delay audit - --directory directory.json --samples samples.jsonl --slack 20ms --json < reveal.bin',
  ]
  static override args = {
    reveal: Args.string({ description: 'what the mix revealed; stdin when it is - or absent' }),
  }
  static override flags = {
    directory: Flags.file({
      summary: 'directory of the epoch, from before it was revealed',
      required: true,
      helpValue: 'FILE',
    }),
    samples: Flags.file({ summary: 'packets of your own', required: true, helpValue: 'FILE' }),
    slack: durationFlag({ summary: 'what may lie between a delay and its measurement', default: 10 }),
    node: Flags.string({ summary: 'id of the mix that it must be of', helpValue: 'HEX' }),
    authority: Flags.string({
      summary: 'key of an authority that must have signed the directory; may be repeated',
      multiple: true,
      helpValue: 'HEX',
    }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixDelayAudit)
    const { parseSamples } = await import('../../../lib/mix/delay/index.ts')
    const samples = parseSamples(await readInput(flags.samples))
    const { parseHexValue } = await import('../../../lib/cli/mix/hex-value.ts')
    const { auditReveal } = await import('../../../lib/cli/mix/delay-audit.ts')
    const audit = await auditReveal({
      directory: await readInput(flags.directory),
      authorities: (flags.authority ?? []).map((key) => parseHexValue(key, 'the key of an authority', 32)),
      node: flags.node === undefined ? undefined : parseHexValue(flags.node, 'the id of a mix', 32),
      reveal: openInput(args.reveal),
      samples,
      slackUs: flags.slack * 1_000,
    })
    this.out.answer(audit.document, audit.text)
    if (!audit.isHonest) this.exit(1)
  }
}
