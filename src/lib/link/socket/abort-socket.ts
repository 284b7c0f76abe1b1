/** Dropping a TCP connection so that the other side sees it. */
import type { Socket } from 'node:net'

/**
 * Resets the connection. While our own end is on its way to the kernel the system refuses a reset, and Node would then
 * forget the socket without closing it; such a connection is closed instead.
 */
export function abortSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy()
  else socket.resetAndDestroy()
}
