/** The real connections behind the cover connections of one fallback. */
import { addressesOf, type Resolve, resolveCover } from './cover-origins.ts'

export interface CoverRequest {
  /** URL of the site. */
  readonly origin: string
  /** Connect to one of these, which were compared with those of the HTX origin; undefined where a proxy resolves. */
  readonly addresses: readonly string[] | undefined
  readonly signal: AbortSignal
  /** Tells when user traffic begins on the connection and when it ends; a connection that says nothing has none. */
  readonly onTraffic: (carries: boolean) => void
  /** Tells that the server has ended the connection. */
  readonly onEnd: () => void
}

export interface CoverConnection {
  close(): void
}

/** Fetches a page of an ordinary site, as a browser does, and leaves the connection open. */
export type OpenCover = (request: CoverRequest) => Promise<CoverConnection>

export interface CoverConnectionsOptions {
  readonly open: OpenCover
  readonly resolve: Resolve | undefined
  /** Names and addresses of the HTX origin. */
  readonly hosts: readonly string[]
  readonly opened: (cover: number) => void
  readonly ended: (cover: number, error?: unknown) => void
  readonly traffic: (cover: number, carries: boolean) => void
}

interface Entry {
  readonly giveUp: AbortController
  connection: CoverConnection | undefined
}

export class CoverConnections {
  readonly #options: CoverConnectionsOptions
  readonly #entries = new Map<number, Entry>()
  #own: Promise<readonly string[]> | undefined

  constructor(options: CoverConnectionsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#entries.size
  }

  open(cover: number, origin: string): void {
    const entry: Entry = { giveUp: new AbortController(), connection: undefined }
    this.#entries.set(cover, entry)
    const { opened, ended } = this.#options
    this.#connect(cover, origin, entry.giveUp.signal).then(
      (connection) => {
        // It was closed while it opened.
        if (this.#entries.get(cover) !== entry) {
          connection.close()
          return
        }
        entry.connection = connection
        opened(cover)
      },
      (error: unknown) => {
        if (this.#entries.get(cover) !== entry) return
        this.#entries.delete(cover)
        ended(cover, error)
      },
    )
  }

  close(cover: number): void {
    const entry = this.#entries.get(cover)
    if (entry === undefined) return
    this.#entries.delete(cover)
    entry.giveUp.abort()
    entry.connection?.close()
  }

  async #connect(cover: number, origin: string, signal: AbortSignal): Promise<CoverConnection> {
    const { open, resolve, traffic } = this.#options
    const addresses =
      resolve === undefined
        ? undefined
        : await resolveCover(origin, await this.#ownAddresses(resolve, signal), resolve, signal)
    signal.throwIfAborted()
    return await open({
      origin,
      addresses,
      signal,
      onTraffic: (carries) => traffic(cover, carries),
      onEnd: () => this.#serverEnded(cover),
    })
  }

  #serverEnded(cover: number): void {
    const entry = this.#entries.get(cover)
    if (entry === undefined) return
    this.close(cover)
    this.#options.ended(cover)
  }

  /** Addresses of the HTX origin, looked up once: they are what the covers must keep away from. */
  #ownAddresses(resolve: Resolve, signal: AbortSignal): Promise<readonly string[]> {
    this.#own ??= Promise.all(this.#options.hosts.map((host) => addressesOf(host, resolve, signal))).then(
      (all) => all.flat(),
      (error: unknown) => {
        this.#own = undefined
        throw error
      },
    )
    return this.#own
  }
}
