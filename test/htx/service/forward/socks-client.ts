/** A SOCKS5 server and clients that speak to it byte by byte. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { fromHex, toHex, u16 } from '../../../../src/lib/core/index.ts'
import { type LocalEndpoint, socksServer, streamsOf } from '../../../../src/lib/htx/index.ts'
import { until } from '../../endpoint/endpoints.ts'
import { closing, type Forwarding, type ForwardingOptions, forwarding } from './forwarding.ts'

export interface ProxyOptions extends ForwardingOptions {
  /** Default: a port of the loopback. */
  readonly listen?: LocalEndpoint
}

export interface SocksProxy extends Forwarding {
  readonly where: string
  readonly port: number
  readonly failures: string[]
}

export async function proxy(permit: string, options: ProxyOptions = {}): Promise<SocksProxy> {
  const { listen = { host: '127.0.0.1', port: 0 }, ...others } = options
  const both = forwarding(permit, others)
  const failures: string[] = []
  const { where, port } = closing(
    await socksServer({
      open: streamsOf(both.client),
      listen,
      clock: both.clock,
      onFailed: (_target, error) => failures.push(error.message),
    }),
  )
  return { ...both, where, port, failures }
}

export interface Client {
  readonly socket: Socket
  say(hex: string): void
  /** The next `count` bytes as hex. */
  hear(count: number): Promise<string>
}

export async function client({ where, port }: SocksProxy, host = '127.0.0.1'): Promise<Client> {
  const socket = connect({
    ...(where.startsWith('/') ? { path: where } : { port, host }),
    allowHalfOpen: true,
  })
  socket.on('error', () => {})
  let heard = Buffer.alloc(0)
  let isOver = false
  socket.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk])
  })
  socket.on('end', () => {
    isOver = true
  })
  socket.on('close', () => {
    isOver = true
  })
  await once(socket, 'connect')
  closing({ close: () => socket.destroy() })
  return {
    socket,
    say: (hex) => void socket.write(fromHex(hex)),
    async hear(count) {
      await until(() => isOver || heard.length >= count, `${count} bytes`)
      if (heard.length < count) return 'closed'
      const out = heard.subarray(0, count).toString('hex')
      heard = heard.subarray(count)
      return out
    },
  }
}

export const port16 = (port: number): string => toHex(u16(port))
export const LOOPBACK = '7f000001'
