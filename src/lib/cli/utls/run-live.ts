/** Runs a live listener for a command until it is interrupted. */
import { systemClock } from '../../core/index.ts'
import { type LiveListener, type LiveSkip, listenForHellos, selfSigned } from '../../tls/index.ts'
import type { HostPort } from '../flags.ts'
import { readInput } from '../io/input.ts'
import type { Logger } from '../logger.ts'
import type { Output } from '../output.ts'
import { HELLO_TABLE_HEAD, helloFields, helloJson, helloText } from './hello-lines.ts'

export interface LiveCommand {
  readonly out: Output
  readonly logger: Logger
  readonly signal: AbortSignal
}

export interface LiveFlags {
  readonly listen: HostPort
  /** Both or none. */
  readonly cert?: string | undefined
  readonly 'cert-key'?: string | undefined
}

/** The names under which a listener on loopback is reached. */
const OWN_NAMES = ['localhost', '127.0.0.1', '::1'] as const

export async function runLive(flags: LiveFlags, { out, logger, signal }: LiveCommand): Promise<void> {
  const skips = new LiveSkips(logger)
  const listener = await listenForHellos({
    host: flags.listen.host === '' ? '127.0.0.1' : flags.listen.host,
    port: flags.listen.port,
    ...(await certificateOf(flags, logger)),
    clock: systemClock,
    answer: (found) => `${helloJson(found)}\n`,
    onHello: (found) => {
      if (out.isJson) out.event('hello', helloFields(found))
      else out.text(helloText(found))
    },
    onSkip: (reason, src) => skips.add(reason, src),
    onHandshakeError: (src, reason) => logger.debug('the handshake failed', { src, reason }),
    onError: (error) => logger.warn(error.message),
  })
  const address = urlOf(listener)
  out.event('ready', { address }, `ready at ${address}`)
  out.text(HELLO_TABLE_HEAD)
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  await listener.close()
  skips.report()
}

async function certificateOf(
  { cert, 'cert-key': key }: LiveFlags,
  logger: Logger,
): Promise<{ readonly cert: string | Uint8Array; readonly key: string | Uint8Array }> {
  if (cert !== undefined && key !== undefined)
    return { cert: await readInput(cert), key: await readInput(key) }
  logger.warn('the certificate is made for this run: clients must be told to accept it, as with curl -k')
  return selfSigned({ names: OWN_NAMES, clock: systemClock })
}

function urlOf({ host, port }: LiveListener): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}/`
}

/** Strangers who come by the thousand are a line each only for those who ask for it. */
class LiveSkips {
  readonly #logger: Logger
  readonly #counts = new Map<LiveSkip, number>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  add(reason: LiveSkip, src: string): void {
    const count = (this.#counts.get(reason) ?? 0) + 1
    this.#counts.set(reason, count)
    if (count === 1) this.#logger.warn('passed over', { reason, src })
    else this.#logger.debug('passed over', { reason, src })
  }

  /** The sums, in order of the first of each. */
  report(): void {
    for (const [reason, count] of this.#counts) this.#logger.warn('passed over in all', { reason, count })
  }
}
