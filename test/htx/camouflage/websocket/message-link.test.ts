import { createHash } from 'node:crypto'
import { createServer, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { SeededRandom } from '../../../../src/lib/core/index.ts'
import { MessageLink } from '../../../../src/lib/htx/camouflage/websocket/message-link.ts'
import { attempt } from '../../../../src/lib/link/attempt.ts'
import type { Link, Listener } from '../../../../src/lib/link/index.ts'
import { listenerOf, localOf, remoteOf, startListening } from '../../../../src/lib/link/socket/server.ts'
import { socketError } from '../../../../src/lib/link/socket/socket-errors.ts'
import { testLinkCompliance } from '../../../link/compliance.ts'

const KEY = 'AAAAAAAAAAAAAAAAAAAAAA=='
const ACCEPT = createHash('sha1').update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

function linkOn(socket: Socket, role: 'client' | 'server', head: Uint8Array): Link {
  return new MessageLink({
    stream: socket,
    role,
    head,
    localAddress: localOf(socket),
    remoteAddress: remoteOf(socket),
    random: new SeededRandom(1),
    exportKeyingMaterial: () => new Uint8Array(64),
  })
}

testLinkCompliance({
  name: 'WebSocket messages on a stream',
  kind: 'https',
  async listen({ port = 0, ...options }): Promise<Listener> {
    const server = createServer((_request, response) => response.end())
    server.on('upgrade', (_request, stream, head) => {
      stream.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`,
      )
      options.onLink(linkOn(stream as Socket, 'server', head))
    })
    const listening = { host: '127.0.0.1', port, ...options }
    const address: AddressInfo = await startListening(server, listening)
    return listenerOf('https', server, address, listening)
  },
  dial: ({ host, port }, options = {}) =>
    attempt(
      'dialling',
      options,
      (signal) =>
        new Promise((resolve, reject) => {
          const opening = request({
            host,
            port,
            agent: false,
            headers: {
              connection: 'Upgrade',
              upgrade: 'websocket',
              'sec-websocket-key': KEY,
              'sec-websocket-version': '13',
            },
          })
          signal.addEventListener('abort', () => opening.destroy(), { once: true })
          opening.on('error', (error) => reject(socketError(`cannot dial port ${port}`, error)))
          opening.on('upgrade', (_response, socket, head) => resolve(linkOn(socket, 'client', head)))
          opening.end()
        }),
    ),
  dialerSpeaksFirst: false,
  closedPort: ['E_UNREACHABLE'],
  transportHolds: 16 * 1024 * 1024,
  freesPortAtOnce: true,
  crossesProcesses: false,
})
