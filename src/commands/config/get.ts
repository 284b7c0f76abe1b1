import { AivCommand, Args, resolveSetting } from '../../lib/cli/index.ts'

export default class ConfigGet extends AivCommand {
  static override summary = 'print the value of one setting'
  static override description =
    'Prints the value alone, so that a script can use it. --json adds where it comes from.'
  static override examples = [
    '<%= config.bin %> config get log-level',
    '<%= config.bin %> config get log-level --json',
  ]
  static override args = {
    key: Args.string({ description: 'name of the setting', required: true }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(ConfigGet)
    const resolved = await resolveSetting(args.key)
    if (this.out.isJson || resolved.value !== undefined)
      this.out.answer({ ...resolved }, resolved.value ?? '')
    else this.out.note(`${args.key} has no value`)
    if (resolved.value === undefined) this.exit(1)
  }
}
