/** Ports of this machine for forwards to lead to. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A TCP port on the loopback; what it is sent comes back unless the test takes the connections. */
export async function tcpTarget(
  onSocket: (socket: Socket) => void = (socket) => socket.pipe(socket),
): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    onSocket(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** A TCP port on the loopback where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A bound UDP socket on the loopback. */
export async function udpPort(): Promise<UdpSocket & { readonly number: number }> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return Object.assign(socket, { number: socket.address().port })
}

/** A UDP port on the loopback that sends everything back; says how many ports it has heard. */
export async function udpTarget(): Promise<{ readonly port: number; readonly heard: Set<number> }> {
  const socket = await udpPort()
  const heard = new Set<number>()
  socket.on('message', (message, from) => {
    heard.add(from.port)
    socket.send(message, from.port, from.address)
  })
  return { port: socket.number, heard }
}

export async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = []
  for await (const chunk of stream) parts.push(chunk as Buffer)
  return Buffer.concat(parts).toString()
}
