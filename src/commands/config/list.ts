import { AivCommand, resolveSetting, SETTINGS } from '../../lib/cli/index.ts'

export default class ConfigList extends AivCommand {
  static override summary = 'list all settings with their values and where each comes from'
  static override description =
    'A value comes from a flag, else from its AIV_ variable, else from config.yaml, else it is the default.'
  static override examples = ['<%= config.bin %> config list', '<%= config.bin %> config list --json']

  async run(): Promise<void> {
    await this.parse(ConfigList)
    const settings = await Promise.all(
      SETTINGS.map(async ({ key, env, summary }) => ({ ...(await resolveSetting(key)), env, summary })),
    )
    this.out.answer({ settings }, () =>
      settings
        .map(({ key, value, source, from, summary }) => {
          const origin = from === undefined ? source : `${source} ${from}`
          return `${key} = ${value ?? '(none)'}  [${origin}]  ${summary}`
        })
        .join('\n'),
    )
  }
}
