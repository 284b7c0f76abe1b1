/** Ports that peers have opened here. Each belongs to a session, and a later one of the same peer may take it over. */
import { createServer, type Server, type Socket } from 'node:net'
import { CODE } from '../../codes.ts'
import type { HtxSession } from '../../endpoint/htx-session.ts'
import type { HtxStream } from '../../endpoint/htx-stream.ts'
import { refusal } from '../accept-service.ts'
import { BINDS_PER_PEER, BINDS_PER_SESSION, CONNECTIONS_MOST } from './constants.ts'
import { dropConnection } from './drop-connection.ts'
import type { Target } from './target.ts'

/** Who gets the connections of a port: the stream that keeps it open, and its session. */
export interface PortHolder {
  readonly session: HtxSession
  readonly stream: HtxStream
}

export class BoundPort {
  readonly server: Server
  /** What the peer asked for at first: its port may be 0. */
  readonly asked: Target
  /** Asked again when the access list has changed. */
  isPermitted: () => boolean = () => false
  #holder: PortHolder
  /** Each is its own holder's, the present one or an earlier one. */
  readonly #sockets = new Map<Socket, PortHolder>()

  constructor(asked: Target, holder: PortHolder, carry: (holder: PortHolder, socket: Socket) => void) {
    this.asked = asked
    this.#holder = holder
    this.server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
      const holder = this.#holder
      this.#sockets.set(
        socket.on('error', () => {}),
        holder,
      )
      socket.once('close', () => this.#sockets.delete(socket))
      carry(holder, socket)
    })
    this.server.maxConnections = CONNECTIONS_MOST
  }

  get holder(): PortHolder {
    return this.#holder
  }

  /** The real port; 0 for a UNIX socket and before it is open. */
  get number(): number {
    const address = this.server.address()
    return address === null || typeof address === 'string' ? 0 : address.port
  }

  /** The next connections are the other's. Those that were accepted before end with the session that has them. */
  handTo(holder: PortHolder): void {
    const { stream } = this.#holder
    this.#holder = holder
    if (!stream.destroyed) stream.abort(CODE.CANCELLED)
  }

  /** Closes the port and the connections of its holder, unless another has it by now. */
  leave(holder: PortHolder): void {
    if (this.#holder !== holder) return
    this.server.close()
    for (const [socket, its] of this.#sockets) if (its === holder) dropConnection(socket)
  }

  /** Nothing permits it any more: it ends with all connections that were ever accepted here. */
  revoke(): void {
    const { stream } = this.#holder
    if (!stream.destroyed) stream.abort(CODE.DENIED)
    for (const socket of this.#sockets.keys()) dropConnection(socket)
  }
}

/** All ports of a listener. */
export class BoundPorts {
  readonly #open = new Set<BoundPort>()
  readonly #ofSession = new WeakMap<HtxSession, number>()
  readonly #ofPeer = new Map<string, number>()

  /** Takes a place for one more port. @returns gives it back. @throws AivError `E_SERVICE_REFUSED` */
  enter(session: HtxSession): () => void {
    const { peer } = session
    const ofSession = this.#ofSession.get(session) ?? 0
    const ofPeer = this.#ofPeer.get(peer) ?? 0
    if (ofSession >= BINDS_PER_SESSION) throw refusal('too many ports are open for this session')
    if (ofPeer >= BINDS_PER_PEER) throw refusal('too many ports are open for this peer')
    this.#ofSession.set(session, ofSession + 1)
    this.#ofPeer.set(peer, ofPeer + 1)
    return () => {
      this.#ofSession.set(session, (this.#ofSession.get(session) ?? 1) - 1)
      const left = (this.#ofPeer.get(peer) ?? 1) - 1
      if (left > 0) this.#ofPeer.set(peer, left)
      else this.#ofPeer.delete(peer)
    }
  }

  /**
   * The port that the same peer has open in a session before this one. The listener learns late that a link has fallen
   * silent; its peer knows, and comes back for what is its own. Never from a later session: two that live would take
   * it from each other for ever.
   */
  earlier(session: HtxSession, { host, port }: Target): BoundPort | undefined {
    return [...this.#open].find(
      ({ server, asked, holder, number }) =>
        // One that was closed is kept for as long as it has connections.
        server.listening &&
        asked.host === host &&
        number === port &&
        holder.session.peer === session.peer &&
        holder.session.order < session.order,
    )
  }

  add(port: BoundPort): void {
    this.#open.add(port)
    port.server.once('close', () => this.#open.delete(port))
  }
}
