import { AivCommand, Args, Flags, openInput, writeOut } from '../../../lib/cli/index.ts'
import { AivError, toHex } from '../../../lib/core/index.ts'

export default class UtlsEchOpen extends AivCommand {
  static override summary = 'decrypt the inner hello of Encrypted Client Hello'
  static override description =
    `Reads what \`aiv utls fingerprint\` reads and opens the first hello over TCP that was encrypted to the key. stdout gets the
inner hello as a record, with all that it takes from the outer one; a terminal gets its hexadecimal form. The exit code is
1 when the key opens none: others have encrypted them, or they only look encrypted, as GREASE does.`
  static override examples = [
    '<%= config.bin %> utls ech open --key ech.pem hello.bin --json',
    '<%= config.bin %> utls ech open --key ech.pem hello.bin | <%= config.bin %> utls fingerprint -',
  ]
  static override args = {
    file: Args.string({ description: 'a capture, bytes or hexadecimal; stdin when it is - or absent' }),
  }
  static override flags = {
    key: Flags.string({
      summary: 'key file, as `aiv utls ech config new` writes it',
      required: true,
      helpValue: 'FILE',
    }),
    out: Flags.string({ summary: 'write the record to this file', helpValue: 'FILE' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(UtlsEchOpen)
    const { readEchKeys } = await import('../../../lib/cli/utls/ech-files.ts')
    const { openFirst, openedFields, openedText } = await import('../../../lib/cli/utls/ech-opened.ts')
    const keys = await readEchKeys(flags.key)
    if (keys.isOpen) this.logger.warn('other users may read the key file', { file: flags.key })
    const opened = await openFirst(openInput(args.file), keys, this.signal)
    if (opened === undefined)
      throw new AivError('E_AUTHENTICATION', 'the key opens no hello of the input', {
        hint: 'They were encrypted to another key, or only look encrypted (GREASE).',
      })
    const { record } = opened
    if (flags.out !== undefined) {
      await writeOut(flags.out, record)
    }
    if (this.out.isJson) this.out.json(openedFields(opened))
    else if (flags.out !== undefined) this.out.text(openedText(opened))
    else if (process.stdout.isTTY === true) this.out.text(toHex(record))
    else process.stdout.write(record)
  }
}
