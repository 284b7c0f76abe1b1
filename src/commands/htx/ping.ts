import { clientFlags } from '../../lib/cli/htx/flags.ts'
import { AivCommand, Args, durationFlag, Flags } from '../../lib/cli/index.ts'
import { systemClock } from '../../lib/core/index.ts'

/** Three decimals: microseconds. */
const round = (ms: number): number => Math.round(ms * 1000) / 1000

export default class HtxPing extends AivCommand {
  static override summary = 'measure the round trip to a peer'
  static override description =
    `Opens a session and sends PING frames, one after the other. Prints the time of the handshake and the least,
median and largest round trip in milliseconds.`
  static override examples = [
    '<%= config.bin %> htx ping "$ADDRESS"',
    '<%= config.bin %> htx ping "$ADDRESS" --count 20 --interval 10ms --json',
  ]
  static override args = {
    address: Args.string({ description: 'full address as `aiv htx listen` prints it', required: true }),
  }
  static override flags = {
    ...clientFlags,
    count: Flags.integer({ summary: 'how many PINGs', default: 5, min: 1, max: 10_000 }),
    interval: durationFlag({ summary: 'pause between two', default: 200 }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HtxPing)
    const { withClient } = await import('../../lib/cli/htx/endpoint.ts')
    const { setTimeout: pause } = await import('node:timers/promises')
    const { openTracer } = await import('../../lib/cli/htx/tracing.ts')
    const { signal } = this
    const context = { signal, tracer: openTracer(flags, this.logger) }
    const begun = systemClock.now()
    const { connectMs, samples, description } = await withClient(
      args.address,
      flags,
      context,
      async (session) => {
        const connectMs = systemClock.now() - begun
        const samples: number[] = []
        for (let i = 0; i < flags.count; i++) {
          if (i > 0) await pause(flags.interval, undefined, { signal }).catch(() => signal.throwIfAborted())
          const ms = await session.ping(signal)
          samples.push(ms)
          this.out.note(`reply from ${session.description.remoteAddress}: ${round(ms)} ms`)
        }
        return { connectMs, samples, description: session.description }
      },
    )
    const sorted = samples.toSorted((a, b) => a - b)
    const result = {
      peer: description.peer,
      suite: description.suite,
      resumed: description.resumed,
      connect_ms: round(connectMs),
      count: samples.length,
      min_ms: round(sorted[0] as number),
      median_ms: round(sorted[Math.floor(sorted.length / 2)] as number),
      max_ms: round(sorted.at(-1) as number),
      samples_ms: samples.map(round),
    }
    this.out.answer(
      result,
      `connected in ${result.connect_ms} ms; round trip min ${result.min_ms}, median ${result.median_ms}, max ${result.max_ms} ms`,
    )
  }
}
