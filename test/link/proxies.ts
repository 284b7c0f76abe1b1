/** Upstream proxies for tests, written from RFC 9110 section 9.3.6, RFC 1928 and RFC 1929. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface TestProxy {
  readonly port: number
  /** Targets asked for, in order: `host:port`, and for SOCKS the address type before it. */
  readonly targets: string[]
  /** Credentials that clients gave, `user:password`. */
  readonly credentials: string[]
  close(): void
}

export interface ProxyBehaviour {
  /** Credentials that are asked for. */
  readonly wants?: string
  /** Status or reply code instead of a tunnel. */
  readonly refuses?: number
  /** Bytes that the target says first, sent together with the proxy's own answer. */
  readonly firstWords?: string
}

export async function httpProxy({
  wants,
  refuses,
  firstWords = '',
}: ProxyBehaviour = {}): Promise<TestProxy> {
  const targets: string[] = []
  const credentials: string[] = []
  const server = createHttpServer()
  server.on('connect', (request, stream) => {
    const client = stream as Socket
    client.on('error', () => {})
    targets.push(request.url ?? '')
    const [, basic = ''] = (request.headers['proxy-authorization'] ?? '').split(' ')
    const given = Buffer.from(basic, 'base64').toString()
    if (given !== '') credentials.push(given)
    const status = wants !== undefined && given !== wants ? 407 : refuses
    if (status === undefined) {
      const { hostname, port } = new URL(`http://${request.url}`)
      const answer = `HTTP/1.1 200 Connected\r\n\r\n${firstWords}`
      tunnel(client, hostname.replace(/^\[|\]$/g, ''), Number(port), () => client.write(answer))
    } else client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`)
  })
  return started(server, targets, credentials)
}

export async function socks5Proxy({
  wants,
  refuses = 0,
  firstWords = '',
}: ProxyBehaviour = {}): Promise<TestProxy> {
  const targets: string[] = []
  const credentials: string[] = []
  const server = createServer({ allowHalfOpen: true }, async (client) => {
    client.on('error', () => {})
    const read = reader(client)
    const [, methodCount = 0] = await read(2)
    const methods = await read(methodCount)
    if (wants === undefined) client.write(Uint8Array.of(5, 0))
    else if (!methods.includes(2)) {
      client.end(Uint8Array.of(5, 0xff))
      return
    } else {
      client.write(Uint8Array.of(5, 2))
      const user = await read((await read(2))[1] ?? 0)
      const password = await read((await read(1))[0] ?? 0)
      const given = `${user.toString()}:${password.toString()}`
      credentials.push(given)
      client.write(Uint8Array.of(1, given === wants ? 0 : 1))
      if (given !== wants) {
        client.end()
        return
      }
    }
    const type = (await read(4))[3]
    const host = await readHost(read, type)
    const port = (await read(2)).readUInt16BE()
    targets.push(`${type} ${host}:${port}`)
    const answer = Buffer.from([5, refuses, 0, 1, 127, 0, 0, 1, 0, 1, ...Buffer.from(firstWords)])
    if (refuses === 0) tunnel(client, host, port, () => client.write(answer))
    else client.end(answer.subarray(0, 10))
  })
  return started(server, targets, credentials)
}

/** Answers whatever comes with `bytes`. */
export async function nonsenseProxy(bytes: Uint8Array): Promise<TestProxy> {
  const server = createServer((client) => {
    client.on('error', () => {})
    client.on('data', () => client.write(bytes))
  })
  return started(server, [], [])
}

async function started(server: Server, targets: string[], credentials: string[]): Promise<TestProxy> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return { port, targets, credentials, close: () => server.close() }
}

async function readHost(read: (count: number) => Promise<Buffer>, type: number | undefined): Promise<string> {
  if (type === 1) return [...(await read(4))].join('.')
  if (type === 3) return (await read((await read(1))[0] ?? 0)).toString()
  const groups = await read(16)
  return Array.from({ length: 8 }, (_, i) => groups.readUInt16BE(2 * i).toString(16)).join(':')
}

function tunnel(client: Socket, host: string, port: number, onOpen: () => void): void {
  const target = connect({ host, port, allowHalfOpen: true })
  target.once('connect', () => {
    onOpen()
    client.pipe(target)
    target.pipe(client)
  })
  for (const [one, other] of [
    [client, target],
    [target, client],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
}

function reader(socket: Socket): (count: number) => Promise<Buffer> {
  return async (count) => {
    if (count === 0) return Buffer.alloc(0)
    for (;;) {
      const bytes = socket.read(count) as Buffer | null
      if (bytes !== null) return bytes
      if (socket.readableEnded || socket.destroyed) throw new Error('client has gone')
      await Promise.race([once(socket, 'readable'), once(socket, 'end'), once(socket, 'close')])
    }
  }
}
