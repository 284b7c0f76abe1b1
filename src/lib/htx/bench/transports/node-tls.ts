/** `node:tls` with one TLS 1.3 suite: what everybody has, measured beside us. */
import type { AddressInfo } from 'node:net'
import { connect, createServer, type TlsOptions } from 'node:tls'
import type { Clock } from '../../../core/index.ts'
import { selfSigned } from '../../../tls/index.ts'
import { type BulkTransport, nodeSink, receiveFrom } from '../bulk.ts'

const HOST = '127.0.0.1'
const NAME = 'bench.invalid'

/** @param cipher name of a TLS 1.3 suite, such as `TLS_AES_128_GCM_SHA256` */
export function nodeTlsTransport(cipher: string, clock: Clock): BulkTransport {
  const suite = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: cipher } as const
  return {
    async listen(accept) {
      const { cert, key } = selfSigned({ names: [NAME], clock })
      const options: TlsOptions = { ...suite, cert, key, noDelay: true }
      const server = createServer(options, (socket) => receiveFrom(socket, accept()))
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(0, HOST, resolve)
      })
      const { port } = server.address() as AddressInfo
      return JSON.stringify({ port, cert })
    },

    async dial(address) {
      const { port, cert } = JSON.parse(address) as { readonly port: number; readonly cert: string }
      // The certificate is checked, by its being the only one trusted; its name names nobody.
      const socket = connect({ ...suite, host: HOST, port, ca: cert, checkServerIdentity: () => undefined })
      socket.setNoDelay(true)
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.once('secureConnect', resolve)
      })
      const { name } = socket.getCipher()
      if (name !== cipher) throw new Error(`TLS agreed on ${name}, not ${cipher}`)
      return {
        open: async () => nodeSink(socket),
        close: async () => void socket.destroy(),
      }
    },
  }
}
