import { AivCommand, Args } from '../../../../lib/cli/index.ts'

export default class UtlsEchConfigShow extends AivCommand {
  static override summary = 'print the configurations of Encrypted Client Hello'
  static override description =
    `Reads a file (PEM, base64 or bytes), - for stdin, or the value of ech= of an HTTPS record. Of a key file only the
configurations are printed, never the private key. What a client would pass over says why.`
  static override examples = [
    '<%= config.bin %> utls ech config show ech.pem',
    '<%= config.bin %> utls ech config show AD7+DQA65wAgACA8wVN2BtscOl3vQheUzHeIkVmKIiydUhDCliA4iyQRCwAEAAEAAQALZXhhbXBsZS5jb20AAA== --json',
  ]
  static override args = {
    config: Args.string({ description: 'a file, - for stdin, or base64', required: true }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(UtlsEchConfigShow)
    const { readEchConfigs } = await import('../../../../lib/cli/utls/ech-files.ts')
    const { configFields, configText, listBase64 } = await import('../../../../lib/cli/utls/ech-lines.ts')
    const configs = await readEchConfigs(args.config)
    this.out.answer({ config_list: listBase64(configs), configs: configs.map(configFields) }, () =>
      configs.map(configText).join('\n'),
    )
  }
}
