/** The server of the pluggable transport: each stream of a client becomes a connection to the bridge's ORPort. */
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import type { RandomSource } from '../../core/index.ts'
import { abortSocket } from '../../link/index.ts'
import { ByteReader, refusal, relay, type Service } from '../service/index.ts'
import { type PtServer, TRANSPORT } from './environment.ts'
import { enterExtendedOrPort, readAuthCookie } from './extended-or-port.ts'

/** Time to reach the ORPort and be let in, milliseconds. */
const OR_PORT_MS = 10_000

/**
 * What the bridge's listener serves as `pipe`.
 * @param onFailure the ORPort did not take a connection
 */
export function orPortService(
  { orPort, extended }: PtServer,
  random: RandomSource,
  onFailure: (error: Error) => void,
): Service {
  return async ({ accept, reader, session, stream }) => {
    const { host, port } = extended?.at ?? orPort ?? { host: '', port: 0 }
    const socket = connectTcp({ host, port, allowHalfOpen: true, noDelay: true })
    socket.on('error', () => {})
    socket.setTimeout(OR_PORT_MS, () => socket.destroy(new Error('timed out')))
    try {
      await once(socket, 'connect')
      if (extended !== undefined) {
        const client = session.description.remoteAddress
        await enter(socket, { cookieFile: extended.cookieFile, client, random })
      }
    } catch (error) {
      socket.destroy()
      // Why is for the operator alone; the client is a stranger.
      onFailure(error as Error)
      throw refusal('the bridge cannot be reached')
    }
    socket.setTimeout(0)
    accept()
    reader.release()
    await relay(stream, { readable: socket, writable: socket, onBroken: () => abortSocket(socket) })
    socket.destroy()
  }
}

async function enter(
  socket: Socket,
  {
    cookieFile,
    client,
    random,
  }: { readonly cookieFile: string; readonly client: string; readonly random: RandomSource },
): Promise<void> {
  const fromOrPort = new ByteReader(socket)
  // Read each time: tor makes a new cookie at every start.
  const cookie = await readAuthCookie(cookieFile)
  await enterExtendedOrPort(socket, fromOrPort, { cookie, transport: TRANSPORT, client, random })
  fromOrPort.release()
}
