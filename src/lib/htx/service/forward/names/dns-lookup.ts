/** Questions to the DNS about one name and what it may stand for. */
import { Resolver } from 'node:dns/promises'
import { systemClock, type TimerClock } from '../../../../core/index.ts'
import { isPublic } from '../access/addresses.ts'
import { ownAddresses } from '../access/own-addresses.ts'
import {
  DNS_TIMEOUT_MOST_MS,
  DNS_TIMEOUT_MS,
  DNS_TRIES,
  OTHER_FAMILY_MS,
  OTHER_FAMILY_NEEDED_MS,
} from '../constants.ts'

export interface DnsLookupOptions {
  readonly signal: AbortSignal
  /** Name servers, `ADDRESS:PORT`. Default: the system's. */
  readonly servers?: readonly string[] | undefined
  readonly clock?: TimerClock | undefined
  /** Whether this machine reaches the internet by IPv6. Default: whether one of its addresses is public. */
  readonly hasPublicV6?: (() => boolean) | undefined
}

/**
 * A resolver of its own: it can be called off alone, asks from a port of its own, and remembers from one candidate to
 * the next which name server does not answer.
 */
export class DnsLookup {
  readonly #resolver = new Resolver({
    timeout: DNS_TIMEOUT_MS,
    maxTimeout: DNS_TIMEOUT_MOST_MS,
    tries: DNS_TRIES,
  })
  readonly #signal: AbortSignal
  readonly #clock: TimerClock
  readonly #hasPublicV6: () => boolean

  constructor({ signal, servers, clock = systemClock, hasPublicV6 = isPublicV6Here }: DnsLookupOptions) {
    if (servers !== undefined) this.#resolver.setServers(servers)
    this.#signal = signal
    this.#clock = clock
    this.#hasPublicV6 = hasPublicV6
  }

  /**
   * Both kinds of addresses. Where one kind has answered, the other is not waited for to its end: there are name
   * servers that never answer for it.
   * @throws errors with the codes of `node:dns`; why the signal aborted before
   */
  async addresses(name: string): Promise<readonly string[]> {
    this.#signal.throwIfAborted()
    const cancel = (): void => this.#resolver.cancel()
    const timers: (() => void)[] = []
    const waitFor = (ms: number): void => void timers.push(this.#clock.schedule(ms, cancel))
    this.#signal.addEventListener('abort', cancel, { once: true })
    try {
      const [asked4, asked6] = [this.#resolver.resolve4(name), this.#resolver.resolve6(name)]
      asked4.then(
        () => waitFor(OTHER_FAMILY_MS),
        // RFC 8020: it has no addresses of the other kind either. Some servers say so falsely of AAAA, but not of A.
        (error) => codeOf(error) === 'ENOTFOUND' && waitFor(OTHER_FAMILY_MS),
      )
      asked6.then(
        () => waitFor(this.#hasPublicV6() ? OTHER_FAMILY_MS : OTHER_FAMILY_NEEDED_MS),
        () => {},
      )
      const [v4, v6] = await Promise.allSettled([asked4, asked6])
      if (v4.status === 'rejected' && v6.status === 'rejected') throw reasonOf(v4.reason, v6.reason)
      return this.#inOrder(
        v4.status === 'fulfilled' ? v4.value : [],
        v6.status === 'fulfilled' ? v6.value : [],
      )
    } finally {
      for (const stop of timers) stop()
      this.#signal.removeEventListener('abort', cancel)
    }
  }

  /** In turn, as RFC 8305 section 4 has it; a machine without IPv6 has no use for such addresses before the others. */
  #inOrder(v4: readonly string[], v6: readonly string[]): readonly string[] {
    if (!this.#hasPublicV6()) return [...v4, ...v6]
    const most = Math.max(v4.length, v6.length)
    const pairs = Array.from({ length: most }, (_, i) => [v6[i], v4[i]])
    return pairs.flat().filter((address) => address !== undefined)
  }
}

function isPublicV6Here(): boolean {
  return ownAddresses.all().some((address) => address.family === 'ipv6' && isPublic(address))
}

/** A name may exist as long as one of the two was not told that it does not; a question called off tells nothing. */
function reasonOf(v4: unknown, v6: unknown): unknown {
  if (codeOf(v6) === 'ECANCELLED') return v4
  return isNotThere(v4) ? v6 : v4
}

export function isNotThere(error: unknown): boolean {
  return ['ENOTFOUND', 'ENODATA', 'EBADNAME'].includes(codeOf(error))
}

export function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code)
}
