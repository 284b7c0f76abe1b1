/** A TCP connection and nothing on it: what one more hop through a socket costs. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type BulkTransport, nodeSink, receiveFrom } from '../bulk.ts'

const HOST = '127.0.0.1'

export function bareTcpTransport(): BulkTransport {
  return {
    async listen(accept) {
      const server = createServer({ noDelay: true }, (socket) => receiveFrom(socket, accept()))
      server.listen(0, HOST)
      await once(server, 'listening')
      return String((server.address() as AddressInfo).port)
    },

    async dial(port) {
      const socket = connect({ host: HOST, port: Number(port), noDelay: true })
      await once(socket, 'connect')
      return {
        open: async () => nodeSink(socket),
        close: async () => void socket.destroy(),
      }
    },
  }
}
