/**
 * The one interface to an ordered, reliable byte stream in each direction. Every transport (TCP, WebSocket, QUIC,
 * memory) implements it and passes the same compliance suite.
 *
 * It is callback-based, not a Node stream: a protocol core wants each chunk as it comes and must see how much of
 * what it wrote the kernel has taken.
 */

/** Kinds that this folder opens. */
export type OpenableKind = 'tcp' | 'ws' | 'quic' | 'memory'

/** Codes enter the HTX prologue. The camouflaged link needs TLS of its own and is opened where HTX is. */
export type LinkKind = OpenableKind | 'https'

/** What a link tells its owner. Calls come from I/O callbacks and never nest into a call on the same link. */
export interface LinkHandler {
  /** The next bytes of the peer, in order. The array is the handler's to keep. */
  data(chunk: Uint8Array): void
  /** The peer finished its direction cleanly. Our direction stays open until `end`. */
  end(): void
  /** `queuedBytes` fell to or below `lowWaterMark` after having been above it. */
  drain(): void
  /**
   * Last call, exactly once: both directions ended (no error) or the link broke (`E_LINK_LOST`, `E_ABORTED`, …).
   * A broken link drops the bytes that it has not delivered yet.
   */
  close(error?: Error): void
}

export interface Link {
  readonly kind: LinkKind
  /**
   * True when the bytes are copied into the kernel and out of it: arrays given to `data` are the handler's alone, and
   * arrays that were written are free again once `takenBytes` has counted them.
   */
  readonly copies: boolean
  /** Text for people and logs, such as `127.0.0.1:4433`. */
  readonly localAddress: string
  readonly remoteAddress: string
  /**
   * Bytes given to `write` that the transport below has not accepted yet. It only falls in I/O callbacks, so that
   * an owner who writes until a limit is reached always gives the event loop back, however fast the transport is.
   */
  readonly queuedBytes: number
  /**
   * Bytes given to `write` that the transport has taken, in order, since the link began. What a broken link loses is
   * never counted, although `queuedBytes` then falls to 0: the transport may still be reading it.
   */
  readonly takenBytes: number
  /** `drain` is due when `queuedBytes` falls to this; default 64 KiB. */
  lowWaterMark: number

  /**
   * Names the owner and starts the flow of events. Until then the link reads nothing from the peer beyond what
   * the transport itself buffers. Called once.
   */
  attach(handler: LinkHandler): void

  /**
   * Queues chunks in order. The link keeps references until they are sent: the caller no longer changes them.
   * After `end` or `close` it throws `E_LINK_CLOSED`. The queue has no bound of its own: callers watch `queuedBytes`.
   */
  write(chunks: readonly Uint8Array[]): void

  /** Stops and restarts delivery of `data`; bytes wait in the transport, which slows the peer down. */
  pause(): void
  resume(): void

  /** Half-close: everything queued is sent, then the peer sees `end`. Calls after the first do nothing. */
  end(): void

  /**
   * Orderly close: ends our direction, then reads and drops what the peer still sends until it ends too. The handler
   * gets nothing more but `close`: without error when all that was queued was taken, else `E_LINK_LOST`.
   *
   * The transport is let go after `lingerMs` (default 5,000) at the latest, and then still without a reset: a reset
   * happens when unread bytes are pending, which would tell a prober how much the owner had read (HTX section 15).
   */
  close(lingerMs?: number): void

  /**
   * Keying material of the outer TLS connection (RFC 8446 section 7.5), the same bytes on both ends. Absent where
   * there is no outer TLS 1.3.
   * @param length bytes
   */
  exportKeyingMaterial?(length: number, label: string, context: Uint8Array): Uint8Array

  /**
   * Drops what is queued and releases the transport now. The handler gets `close(E_ABORTED)`, never from within this
   * call; the peer sees `E_LINK_LOST` (TCP: a reset, so never the way to leave a peer that is not authenticated).
   */
  abort(): void
}

/** Where to dial. */
export interface LinkTarget {
  /** Name or address, an IPv6 literal with or without brackets. */
  readonly host: string
  readonly port: number
  /** WebSocket only; default `/htx`. */
  readonly path?: string | undefined
  /** WebSocket only: `wss` instead of `ws`. */
  readonly secure?: boolean | undefined
}

export interface DialOptions {
  readonly signal?: AbortSignal
  /** Milliseconds until the attempt fails with `E_TIMEOUT`; default 10,000. */
  readonly timeoutMs?: number
}

export interface Listener {
  readonly kind: LinkKind
  /** Bound host and port, the real port where 0 was asked for. */
  readonly host: string
  readonly port: number
  /** Resolves when no longer listening. Links already accepted live on. */
  close(): Promise<void>
}

export interface ListenOptions {
  readonly host: string
  /** 0 asks for a free port. */
  readonly port: number
  /** Descriptor of a socket that is bound already; `host` and `port` then name it in messages only. TCP and WebSocket. */
  readonly fd?: number
  readonly signal?: AbortSignal
  /** Called for each accepted link; the owner attaches a handler or aborts it. */
  readonly onLink: (link: Link) => void
  /** Accept errors that do not end the listener. */
  readonly onError?: (error: Error) => void
}
