/**
 * UDP endpoints for dialling. The library frees an endpoint's socket only when its object is garbage collected, so a
 * process that dials again and again would run out of files: endpoints are used again. Each serves one link at a
 * time, because the only way to cancel an attempt is to abort its endpoint.
 */
import type { QuicBinding, QuicClient, QuicConnection } from './binding.ts'
import { type QuicOptions, quicConfig } from './config.ts'

/** Unused endpoints that are kept, as long as others may be left to the garbage collector. */
const MAX_IDLE = 16

/** Aborted endpoints that may wait for the garbage collector, each with an open file. */
const MAX_UNCOLLECTED = 64

export class QuicClientPool {
  readonly #binding: QuicBinding
  readonly #idle = new Map<string, QuicClient[]>()
  #idleCount = 0
  #uncollected = 0
  readonly #collected = new FinalizationRegistry<undefined>(() => {
    this.#uncollected--
  })

  constructor(binding: QuicBinding) {
    this.#binding = binding
  }

  /**
   * Connects to `ip:port` on an endpoint of its own.
   * @param signal gives the attempt up; the promise then rejects at once or stays pending until the library's time-out
   */
  async connect(
    ip: string,
    port: number,
    family: 0 | 1,
    options: QuicOptions,
    signal: AbortSignal,
  ): Promise<Dialled> {
    const key = `${family} ${options.idleTimeoutMs ?? ''}`
    const client = this.#take(key) ?? new this.#binding.Client(quicConfig(this.#binding, options), family)
    let live = true
    const giveUp = (): void => {
      if (this.#uncollected >= MAX_UNCOLLECTED) return
      live = false
      this.#discard(client)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      const connection = await client.outboundConnection(ip, port)
      return { connection, release: () => this.#put(key, client) }
    } catch (error) {
      if (live) this.#put(key, client)
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  #take(key: string): QuicClient | undefined {
    const client = this.#idle.get(key)?.pop()
    if (client !== undefined) this.#idleCount--
    return client
  }

  #put(key: string, client: QuicClient): void {
    if (this.#idleCount >= MAX_IDLE && this.#uncollected < MAX_UNCOLLECTED) {
      this.#discard(client)
      return
    }
    const clients = this.#idle.get(key) ?? []
    clients.push(client)
    this.#idle.set(key, clients)
    this.#idleCount++
  }

  #discard(client: QuicClient): void {
    this.#uncollected++
    this.#collected.register(client, undefined)
    client.abort()
  }
}

export interface Dialled {
  readonly connection: QuicConnection
  /** Call once when the connection is over: its endpoint serves the next one. */
  release(): void
}
