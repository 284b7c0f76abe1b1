import {
  AivCommand,
  Args,
  checkSetting,
  configPath,
  Flags,
  findSetting,
  writeConfigValue,
} from '../../lib/cli/index.ts'
import { AivError } from '../../lib/core/index.ts'

export default class ConfigSet extends AivCommand {
  static override summary = 'write one setting to config.yaml'
  static override description =
    'The file is replaced in one step; its comments stay. A flag or an AIV_ variable still goes before it.'
  static override examples = [
    '<%= config.bin %> config set log-level warn',
    '<%= config.bin %> config set log-level --unset',
  ]
  static override args = {
    key: Args.string({ description: 'name of the setting', required: true }),
    value: Args.string({ description: 'its value' }),
  }
  static override flags = {
    unset: Flags.boolean({ summary: 'remove the setting from the file' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ConfigSet)
    const setting = findSetting(args.key)
    if (flags.unset === (args.value !== undefined)) {
      throw new AivError('E_USAGE', 'one of VALUE and --unset is needed', {
        hint: `Run "aiv config set ${args.key} VALUE"`,
      })
    }
    const path = configPath()
    if (args.value !== undefined) checkSetting(setting, args.value, 'VALUE')
    await writeConfigValue(path, args.key, args.value)
    this.out.answer(
      { key: args.key, value: args.value, file: path },
      `${args.key} is ${args.value ?? 'unset'} in ${path}`,
    )
  }
}
