/** Entry of the process that is connected to: a server of `node:tls`, which says where it is and in whom to trust. */

import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { systemClock } from '../../../core/index.ts'
import { selfSigned } from '../../certificate/self-signed.ts'
import type { ServerReport } from './measurement.ts'

const [name = ''] = process.argv.slice(2)
const { cert, key } = selfSigned({ names: [name], clock: systemClock })
const server = createServer({ cert, key, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
  socket.on('error', () => {})
  socket.resume()
})
// A client that only measures hangs up when it has what it wants.
server.on('tlsClientError', () => {})
server.listen(0, '127.0.0.1', () => {
  const report: ServerReport = { port: (server.address() as AddressInfo).port, cert }
  process.send?.(report)
})
process.on('disconnect', () => process.exit(0))
