/** An authority on the network: ticks by the clock, hears the others, and answers requests. */
import { type Clock, isAivError, unixSeconds } from '../../../core/index.ts'
import { AuthorityService, type ServiceOptions } from './authority-service.ts'
import { EXCHANGES_PER_EPOCH, REQUEST_MS, TICK_MOST_MS, TICKS_PER_EPOCH } from './constants.ts'
import { askAuthority } from './http-client.ts'
import { type AuthorityServer, serveAuthority } from './http-server.ts'

export interface RunningAuthority extends AuthorityServer {
  readonly service: AuthorityService
  /** Looks at the clock and asks the others once, as happens by itself all the time. */
  turn(): Promise<void>
}

export interface RunOptions extends ServiceOptions {
  readonly host: string
  readonly port: number
  readonly clock: Clock
}

/**
 * Starts to serve; the caller calls `turn` every {@link turnMs}.
 * @throws AivError `E_ADDRESS_IN_USE`, `E_PERMISSION`, `E_LINK`
 */
export async function runAuthority(options: RunOptions): Promise<RunningAuthority> {
  const { clock, network, self } = options
  const service = new AuthorityService(options)
  service.tick(unixSeconds(clock))
  const server = await serveAuthority(options.host, options.port, (method, path, body) =>
    service.answer(method, path, body),
  )
  const stop = new AbortController()
  const hearMs = Math.min(REQUEST_MS, (network.epochLengthS * 1000) / EXCHANGES_PER_EPOCH)
  const others = network.authorities.filter((_, i) => i !== self.index)
  const hear = async (url: string): Promise<void> => {
    const epoch = service.epoch
    try {
      // One that hangs must not keep this authority from doing what is due.
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(hearMs)])
      const answer = await askAuthority(url, `messages/${epoch}`, signal)
      if (answer !== undefined && epoch !== undefined) service.receive(epoch, answer)
    } catch (error) {
      // One that is away or answers nonsense is asked again; the round goes on with the rest.
      if (!isAivError(error, 'E_UNREACHABLE') && !isAivError(error, 'E_TOO_LARGE')) throw error
    }
  }
  return {
    url: server.url,
    service,
    async turn() {
      service.tick(unixSeconds(clock))
      await Promise.all(others.map(({ url }) => hear(url)))
    },
    async close() {
      stop.abort()
      await server.close()
    },
  }
}

/** Milliseconds between two turns, so that messages are exchanged several times in each phase. */
export function turnMs(epochLengthS: number): number {
  return Math.min(TICK_MOST_MS, (epochLengthS * 1000) / TICKS_PER_EPOCH)
}
