/** The work of `mix ping`. */
import { isAivError, toHex } from '../../../core/index.ts'
import type { Fields } from '../../output.ts'
import { type ClientContext, type ClientFlags, providerOf, withMixClient } from './open-client.ts'

export interface PingFlags extends ClientFlags {
  readonly count: number
  /** Milliseconds. */
  readonly timeout: number
}

export interface PingResult {
  readonly document: Fields
  readonly text: string
  readonly lost: number
}

const rounded = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : Math.round(ms * 1000) / 1000

export async function pingProvider(
  id: string | undefined,
  flags: PingFlags,
  context: ClientContext,
): Promise<PingResult> {
  return await withMixClient(flags, context, async ({ directory, provider, session }) => {
    const target = id === undefined ? provider : providerOf(directory, id)
    const samples: number[] = []
    let lost = 0
    for (let i = 0; i < flags.count && !context.signal.aborted; i++) {
      try {
        samples.push(await session.ping(target, flags.timeout))
      } catch (error) {
        if (!isAivError(error, 'E_TIMEOUT')) throw error
        lost += 1
      }
    }
    const sorted = samples.toSorted((a, b) => a - b)
    const least = rounded(sorted[0])
    const median = rounded(sorted[Math.floor(sorted.length / 2)])
    const most = rounded(sorted.at(-1))
    const document = {
      provider: target.id,
      via: provider.id,
      sent: samples.length + lost,
      answered: samples.length,
      min_ms: least,
      median_ms: median,
      max_ms: most,
    }
    const times =
      least === undefined ? 'no answer' : `${least} / ${median} / ${most} ms (least, median, most)`
    return {
      document,
      text: `${toHex(target.id)}: ${samples.length} of ${samples.length + lost} answered, ${times}`,
      lost,
    }
  })
}
