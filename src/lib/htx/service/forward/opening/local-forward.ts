/** Connections to a port of this machine, carried to a target that the peer reaches (`ssh -L`). */
import type { Socket } from 'node:net'
import { type AivError, isAivError, systemClock, type TimerClock } from '../../../../core/index.ts'
import { relay } from '../../relay.ts'
import { dropConnection } from '../drop-connection.ts'
import { type Target, targetParams } from '../target.ts'
import { type LocalEndpoint, type LocalListener, listenLocally } from './local-listener.ts'
import type { OpenStream } from './open-stream.ts'
import { PendingOpens } from './pending-opens.ts'

export interface LocalForwardOptions {
  readonly open: OpenStream
  readonly listen: LocalEndpoint
  readonly target: Target
  readonly clock?: TimerClock
  /** A connection that could not be carried, or not to its end because the way to the peer was lost for good. */
  readonly onFailed?: (target: Target, error: Error) => void
}

/** @throws AivError when the port cannot be opened */
export async function localForward(options: LocalForwardOptions): Promise<LocalListener> {
  const { open, listen, target, clock = systemClock, onFailed } = options
  const pending = new PendingOpens(open, clock)
  return await listenLocally(listen, async (socket, signal) => {
    try {
      const stream = await pending.open(socket, 'tcp', targetParams(target), signal)
      const lost = await carry(stream, socket)
      if (lost !== undefined && !signal.aborted) onFailed?.(target, lost)
    } catch (error) {
      dropConnection(socket)
      if (!isAivError(error, 'E_ABORTED')) onFailed?.(target, error as Error)
    }
  })
}

/**
 * Relays a connection of this machine. Both are gone afterwards.
 * @returns why the way to the peer was lost in the middle of it; a reset by either end of the connection is its own affair
 */
export async function carry(
  stream: Parameters<typeof relay>[0],
  socket: Socket,
): Promise<AivError | undefined> {
  // A plain close would look like the end of the data.
  const error = await relay(stream, {
    readable: socket,
    writable: socket,
    onBroken: () => dropConnection(socket),
  })
  socket.destroy()
  return isAivError(error) && error.code !== 'E_STREAM_RESET' ? error : undefined
}
