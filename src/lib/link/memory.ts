/** Links inside one process, for tests, simulation and `htx+mem` addresses. */
import { AivError, systemClock, type TimerClock } from '../core/index.ts'
import { attempt, whenAborted } from './attempt.ts'
import { MEMORY_WINDOW_BYTES } from './constants.ts'
import type { DialOptions, Link, Listener, ListenOptions } from './link.ts'
import { DirectChannel } from './memory/channel.ts'
import { MemoryLink, pairOf } from './memory/memory-link.ts'
import { bareHost, hostPort } from './socket/host-port.ts'

export interface MemoryOptions {
  /** Bytes under way per direction before `queuedBytes` grows; default 256 KiB. */
  readonly windowBytes?: number
  /** Runs a task after the current one; default `setImmediate`. Never a microtask: timers must get their turn. */
  readonly defer?: (task: () => void) => void
  /** For the linger of `close`; default the machine's clock. */
  readonly clock?: TimerClock
  /** Names of the two ends; default `memory:1` and `memory:2`. */
  readonly addresses?: readonly [string, string]
}

/** Two connected links. */
export function memoryPair(options: MemoryOptions = {}): [Link, Link] {
  const {
    windowBytes = MEMORY_WINDOW_BYTES,
    clock = systemClock,
    addresses = ['memory:1', 'memory:2'],
  } = options
  const defer = options.defer ?? ((task): void => void setImmediate(task))
  const first = new MemoryLink(addresses[0], addresses[1], clock, defer)
  const second = new MemoryLink(addresses[1], addresses[0], clock, defer)
  return pairOf(first, second, (writer, reader) => new DirectChannel(writer, reader, windowBytes, defer))
}

const FIRST_FREE_PORT = 49_152

/** A closed world of named addresses; nothing outside it is reachable. */
export class MemoryNetwork {
  readonly #options: Pick<MemoryOptions, 'windowBytes' | 'defer' | 'clock'>
  readonly #listeners = new Map<string, ListenOptions>()
  #nextPort = FIRST_FREE_PORT

  constructor(options: Pick<MemoryOptions, 'windowBytes' | 'defer' | 'clock'> = {}) {
    this.#options = options
  }

  /** @throws AivError `E_ADDRESS_IN_USE`, `E_ABORTED` */
  async listen(options: ListenOptions): Promise<Listener> {
    const { signal } = options
    const host = bareHost(options.host)
    const port = options.port === 0 ? this.#freePort(host) : options.port
    const name = hostPort(host, port)
    if (signal?.aborted) throw new AivError('E_ABORTED', `listening on ${name} was aborted`)
    if (this.#listeners.has(name))
      throw new AivError('E_ADDRESS_IN_USE', `cannot listen on ${name}: the address is in use`)
    this.#listeners.set(name, options)
    const close = async (): Promise<void> => {
      forgetSignal()
      if (this.#listeners.get(name) === options) this.#listeners.delete(name)
    }
    const forgetSignal = whenAborted(signal, () => void close())
    return { kind: 'memory', host, port, close }
  }

  /** @throws AivError `E_UNREACHABLE`, `E_TIMEOUT`, `E_ABORTED` */
  async dial(host: string, port: number, options: DialOptions = {}): Promise<Link> {
    const name = hostPort(host, port)
    return attempt(`dialling ${name}`, options, async (signal) => {
      const caller = hostPort(host, this.#freePort(host))
      const [ours, theirs] = memoryPair({ ...this.#options, addresses: [caller, name] })
      const defer = this.#options.defer ?? setImmediate
      await new Promise<void>((resolve) => defer(resolve))
      const listener = this.#listeners.get(name)
      if (listener === undefined)
        throw new AivError('E_UNREACHABLE', `cannot reach ${name}: nobody listens there`)
      if (!signal.aborted) listener.onLink(theirs)
      return ours
    })
  }

  #freePort(host: string): number {
    while (this.#listeners.has(hostPort(host, this.#nextPort))) this.#nextPort++
    return this.#nextPort++
  }
}

/** The network of `htx+mem` addresses in this process. */
export const processNetwork: MemoryNetwork = new MemoryNetwork()
