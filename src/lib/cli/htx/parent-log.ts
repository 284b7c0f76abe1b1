/** What a pluggable transport tells its parent while it runs, at a bounded rate. */
import { type AivError, systemClock, TokenBucket } from '../../core/index.ts'
import {
  failureWords,
  type HostAndPort,
  logLine,
  type PtSeverity,
  statusLine,
  TRANSPORT,
} from '../../htx/index.ts'

/** Strangers can make a bridge fail as often as they like; the log of the parent must not fill up with it. */
const LINES = { capacity: 20, refillPerSecond: 1 / 30 } as const

export class ParentLog {
  readonly #say: (line: string) => void
  readonly #lines = new TokenBucket(systemClock, LINES)

  constructor(say: (line: string) => void) {
    this.#say = say
  }

  /** @param words of our own, never those of a peer */
  log(severity: PtSeverity, words: string): void {
    if (this.#lines.take()) this.#say(logLine(severity, words))
  }

  connected(bridge: HostAndPort): void {
    this.#status(bridge, { CONNECT: 'Success' })
  }

  /** @param bridge where the request should have gone; absent when its connection broke later, or it named none */
  failed({ code }: AivError, bridge?: HostAndPort): void {
    this.log(bridge === undefined ? 'info' : 'warning', failureWords(code))
    if (bridge !== undefined) this.#status(bridge, { CONNECT: 'Failed', ERROR: code })
  }

  #status({ host, port }: HostAndPort, values: Readonly<Record<string, string>>): void {
    if (!this.#lines.take()) return
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
    this.#say(statusLine(TRANSPORT, { ADDRESS: address, ...values }))
  }
}
