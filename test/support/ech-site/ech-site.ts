/** A web site behind Encrypted Client Hello, on loopback: the scripted server on sockets. For tests only. */
import { createServer, type Server, type Socket } from 'node:net'
import type { ServerIdentity } from '../tls-server/identity.ts'
import type { Script } from '../tls-server/script.ts'
import { type HeardAlert, ScriptedServer } from '../tls-server/scripted-server.ts'
import { RECORD_TYPE } from '../tls-server/wire.ts'

const CLOSE_NOTIFY = 0

export interface Visit {
  readonly server: ScriptedServer
  /** What the client wrote, a piece for each read of the socket. */
  readonly chunks: readonly Uint8Array[]
  readonly alerts: readonly HeardAlert[]
  /** The client has left. */
  readonly isOver: boolean
}

export interface EchSite {
  readonly port: number
  /** One for each connection, in their order. */
  readonly visits: readonly Visit[]
  close(): Promise<void>
}

/** @param scripts of the first connection, the second, ...; the last one is that of all others too */
export async function openEchSite(
  identity: ServerIdentity,
  ...scripts: readonly [Script, ...Script[]]
): Promise<EchSite> {
  const visits: Visit[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    const script = scripts[Math.min(visits.length, scripts.length - 1)] as Script
    const scripted = new ScriptedServer(script, identity)
    const chunks: Uint8Array[] = []
    visits.push({
      server: scripted,
      chunks,
      alerts: scripted.alerts,
      get isOver() {
        return socket.closed
      },
    })
    serve(socket, scripted, chunks)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A site that nobody closes does not keep its process.
  server.unref()
  return { port: portOf(server), visits, close: async () => await closed(server, sockets) }
}

export function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

export async function closed(server: Server, sockets: Iterable<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
}

function serve(socket: Socket, server: ScriptedServer, chunks: Uint8Array[]): void {
  let answered = 0
  // A browser hangs up as it likes.
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes: Uint8Array) => {
    chunks.push(bytes)
    try {
      const answer = server.receive(bytes)
      if (answer.length > 0) socket.write(answer)
    } catch {
      socket.destroy()
      return
    }
    const requests = Buffer.concat(server.data).toString('latin1').split('\r\n\r\n').length - 1
    for (; answered < requests; answered++)
      socket.write(server.send({ type: RECORD_TYPE.applicationData, content: page(server) }))
    if (server.alerts.some(({ description }) => description === CLOSE_NOTIFY))
      socket.end(server.send({ type: RECORD_TYPE.alert, content: Uint8Array.of(1, CLOSE_NOTIFY) }))
  })
}

/** Says in its title whether the hello was opened, and which name was in it. */
function page({ names }: ScriptedServer): Uint8Array {
  const { shown, meant } = names.at(-1) as ScriptedServer['names'][number]
  const title =
    shown === meant ? `in the open to ${meant}` : `in secret to ${meant}, after ${names.length} hello`
  const body = `<!doctype html><title>${title}</title>`
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.from(head + body)
}
