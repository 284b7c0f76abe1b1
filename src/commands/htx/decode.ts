import { AivCommand, Args, Flags, LineWriter, openInput, readInput } from '../../lib/cli/index.ts'
import { AivError } from '../../lib/core/index.ts'

export default class HtxDecode extends AivCommand {
  static override summary = 'show the frames of a recorded session, or judge its first flight'
  static override description =
    `Reads what connect or listen wrote with --record and, with the key log of --keylog, what stands inside the frames. Without keys the headers
alone are shown. --detect says whether a filter of fully encrypted traffic would block
the first flight of a connection: that of a recording, or a raw payload as bytes or as hex.`
  static override examples = [
    '<%= config.bin %> htx decode session.rec --keylog keys.log',
    '<%= config.bin %> htx decode --json < session.rec',
    '<%= config.bin %> htx decode --detect session.rec',
  ]
  static override args = {
    file: Args.string({ description: 'the recording; stdin when it is - or absent' }),
  }
  static override flags = {
    keylog: Flags.file({ summary: 'key log that opens the frames', helpValue: 'FILE' }),
    detect: Flags.boolean({ summary: 'judge the first flight instead' }),
    direction: Flags.option({
      options: ['c', 's'] as const,
      summary: 'the input is one direction, raw or as hex: c from the client, s from the server',
    })(),
    'frames-only': Flags.boolean({
      summary: 'that direction begins with its first frame, not with the handshake',
    }),
    spec: Flags.option({
      options: ['1.1', '1.2'] as const,
      summary: 'how the frames are built; default: what the key log says, else 1.1',
    })(),
    data: Flags.boolean({ summary: 'show the bytes of the application', default: true, allowNo: true }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HtxDecode)
    const decode = await import('../../lib/htx/index.ts')
    const lines = await import('../../lib/cli/htx/decoded-lines.ts')
    if (flags['frames-only'] && flags.direction === undefined)
      throw new AivError('E_USAGE', '--frames-only goes with --direction')
    if (flags.detect && (flags.keylog ?? flags.direction ?? flags.spec) !== undefined)
      throw new AivError(
        'E_USAGE',
        '--detect looks at the first flight alone, and takes no keys or direction',
      )
    if (flags.detect) {
      const { payload, recorded } = await decode.readFirstFlight(openInput(args.file))
      const flight = decode.judgeFirstFlight(payload)
      this.out.answer(lines.firstFlightFields(flight, payload.length, recorded), () =>
        lines.firstFlightText(flight, payload.length, recorded),
      )
      return
    }
    const { keylog, spec, direction, 'frames-only': framesOnly, data } = flags
    const batches = decode.decodeSession(openInput(args.file), {
      sessions: keylog === undefined ? [] : decode.parseKeyLog(await readInput(keylog)),
      framesOnly,
      ...(spec === undefined ? {} : { spec }),
      ...(direction === undefined ? {} : { direction }),
      onCut: (dir) => this.out.note(`The bytes of direction ${dir} end within a frame.`),
    })
    const writer = new LineWriter(this.signal)
    if (!this.out.isJson) await writer.write([lines.FRAME_TABLE_HEAD])
    const show = this.out.isJson ? lines.frameJson : lines.frameText
    for await (const batch of batches)
      if (!(await writer.write(batch.map((frame) => show(frame, data))))) return
  }
}
