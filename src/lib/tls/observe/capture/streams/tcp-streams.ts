/** Reassembly of TCP: segments of many connections in, bytes of each direction in order out. */
import type { Packet } from '../packet.ts'
import type { StreamEnd } from '../sink.ts'
import { TCP_ACK, TCP_FIN, TCP_SYN } from '../transport.ts'
import type { Connection } from './connection.ts'
import { ConnectionTable } from './connection-table.ts'
import { TcpDirection, type TcpReceiver } from './tcp-direction.ts'

export interface TcpLimits {
  readonly maxConnections: number
  /** Bytes held for all directions together. */
  readonly maxHeldBytes: number
}

/**
 * A direction begins at its SYN, or at the first payload seen when the capture began later. RST is not believed:
 * it ends nothing here, and those who forge it are among those whose traffic is looked at.
 */
export class TcpStreams {
  readonly #receiver: TcpReceiver
  readonly #table: ConnectionTable<TcpDirection>
  readonly #maxHeldBytes: number
  #heldBytes = 0

  constructor(receiver: TcpReceiver, { maxConnections, maxHeldBytes }: TcpLimits) {
    this.#receiver = receiver
    this.#maxHeldBytes = maxHeldBytes
    this.#table = new ConnectionTable<TcpDirection>('tcp', maxConnections, (connection) => {
      if (isLive(connection.forward) || isLive(connection.backward)) receiver.onSkip('connection-evicted')
      this.#end(connection, 'evicted')
    })
  }

  get connections(): number {
    return this.#table.created
  }

  /** Takes a packet whose TCP header has been read. */
  push(packet: Packet): void {
    const connection = this.#table.take(packet)
    const { isForward } = this.#table
    const { tcpFlags, sequence } = packet
    const isSyn = (tcpFlags & TCP_SYN) !== 0
    if (isSyn) this.#open(connection, isForward, sequence, (tcpFlags & TCP_ACK) !== 0)
    const direction = directionOf(connection, isForward)
    if (direction.isDone) return
    const held = direction.heldBytes
    // A SYN takes one sequence number, in front of data that it may carry (RFC 7413).
    const dataSequence = isSyn ? sequence + 1 : sequence
    const length = packet.end - packet.at
    if (length > 0)
      direction.receive(
        this.#receiver,
        dataSequence,
        packet.bytes,
        packet.at,
        packet.end,
        packet.number,
        packet.timeUs,
      )
    if ((tcpFlags & TCP_FIN) !== 0) direction.finish(this.#receiver, dataSequence + length)
    this.#heldBytes += direction.heldBytes - held
    while (this.#heldBytes > this.#maxHeldBytes && this.#table.evictOldest());
  }

  /** Tells the sink about the directions that still wait for bytes. */
  close(): void {
    for (const connection of this.#table.connections()) this.#end(connection, 'capture-end')
  }

  /** A SYN that does not fit what is known begins a new connection: the ports are in use again. */
  #open(connection: Connection<TcpDirection>, isForward: boolean, sequence: number, isAnswer: boolean): void {
    const known = isForward ? connection.forward : connection.backward
    const other = isForward ? connection.backward : connection.forward
    const fits = known?.hasStarted === true ? known.start(sequence) : isAnswer || other?.hasStarted !== true
    if (!fits) {
      this.#end(connection, 'restarted')
      this.#table.renew(connection)
    }
    directionOf(connection, isForward).start(sequence)
  }

  #end(connection: Connection<TcpDirection>, end: StreamEnd): void {
    for (const direction of [connection.forward, connection.backward]) {
      if (direction === undefined) continue
      this.#heldBytes -= direction.heldBytes
      direction.end(this.#receiver, end)
    }
  }
}

function directionOf(connection: Connection<TcpDirection>, isForward: boolean): TcpDirection {
  const known = isForward ? connection.forward : connection.backward
  if (known !== undefined) return known
  const direction = new TcpDirection(connection, isForward)
  if (isForward) connection.forward = direction
  else connection.backward = direction
  return direction
}

function isLive(direction: TcpDirection | undefined): boolean {
  return direction !== undefined && direction.heldBytes > 0
}
