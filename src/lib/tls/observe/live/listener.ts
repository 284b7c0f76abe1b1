/** Listens for TLS clients, names each by its hello, and answers it with what was seen. */
import { createServer, type Socket } from 'node:net'
import { hostPort, Newcomers, startListening } from '../../../link/index.ts'
import type { FoundHello } from '../find/found-hello.ts'
import { CLOSING_MS, CONNECTIONS } from './constants.ts'
import { createMirror, type Endpoints } from './mirror.ts'
import { Newcomer } from './newcomer.ts'
import type { LiveListener, LiveOptions } from './types.ts'

/**
 * @throws AivError `E_INPUT` for a certificate and key that cannot be used, `E_ADDRESS_IN_USE`, `E_PERMISSION`, `E_LINK`
 */
export async function openLiveListener(options: LiveOptions): Promise<LiveListener> {
  const { host, port, cert, key, clock, answer, onHandshakeError, onError } = options
  const places = new Newcomers(CONNECTIONS)
  const clients = new Set<Newcomer>()
  /** Those that have not had their page, by where they come from. */
  const unanswered = new Map<string, FoundHello>()
  const mirror = createMirror({
    cert,
    key,
    pageFor(endpoints) {
      const from = keyOf(endpoints)
      const found = unanswered.get(from)
      unanswered.delete(from)
      return found === undefined ? undefined : answer(found)
    },
    onHandshakeError: (endpoints, reason) => onHandshakeError?.(keyOf(endpoints), reason),
  })
  const idle = new Set<() => void>()
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    const from = keyOf(socket)
    const client = new Newcomer(socket, options, (found) => {
      unanswered.set(from, found)
      mirror.emit('connection', socket)
    })
    clients.add(client)
    const leave = places.enter(client.src, () => client.drop('crowded'))
    socket.once('close', () => {
      leave()
      clients.delete(client)
      unanswered.delete(from)
      if (clients.size === 0) for (const wake of idle) wake()
    })
  })
  const bound = await startListening(server, { host, port, ...(onError === undefined ? {} : { onError }) })
  return {
    host: bound.address,
    port: bound.port,
    async close() {
      server.close()
      for (const client of clients) if (!client.isKnown) client.drop('closed')
      if (clients.size === 0) return
      await new Promise<void>((resolve) => {
        idle.add(resolve)
        clock.schedule(CLOSING_MS, () => {
          for (const client of clients) client.drop('closed')
          resolve()
        })
      })
    },
  }
}

/** Unique among the connections of one listener. */
function keyOf(endpoints: Endpoints): string {
  const { remoteAddress = 'unknown', remotePort = 0 } = endpoints
  return hostPort(remoteAddress, remotePort)
}
