/** Ending a connection that broke: a plain close would look like the end of the data. */
import type { Socket } from 'node:net'
import { abortSocket } from '../../../link/index.ts'

/** Resets a TCP connection; a UNIX socket knows no reset and is closed. */
export function dropConnection(socket: Socket): void {
  if (socket.remoteFamily === undefined) socket.destroy()
  else abortSocket(socket)
}
