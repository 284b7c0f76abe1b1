/** A TCP proxy that keeps what each client sends, for a judge, and may cut it into other pieces on the way. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

export interface RecordingProxy {
  readonly port: number
  /** What each client has sent, in order of arrival and with its address as the server sees it. */
  readonly clients: { readonly src: string; readonly sent: Uint8Array[] }[]
}

/** @param cut how the pieces of a client go on to the server; default as they came */
export async function recordingProxy(
  target: number,
  cut: (piece: Uint8Array, isFirst: boolean) => readonly Uint8Array[] = (piece) => [piece],
): Promise<RecordingProxy> {
  const clients: { src: string; readonly sent: Uint8Array[] }[] = []
  const proxy = createServer((client) => {
    const known = { src: '', sent: [] as Uint8Array[] }
    clients.push(known)
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true }, () => {
      known.src = `127.0.0.1:${server.localPort}`
      // Either side may leave in the midst of it.
      forward().catch(() => server.destroy())
    })
    const forward = async (): Promise<void> => {
      for await (const piece of client as AsyncIterable<Uint8Array>) {
        const pieces = cut(piece, known.sent.length === 0)
        known.sent.push(piece)
        // Each piece in a turn of its own, so that each is a write to the kernel.
        for (const part of pieces)
          await new Promise<void>((resolve) => server.write(part, () => setImmediate(resolve)))
      }
      server.end()
    }
    server.pipe(client)
    for (const socket of [client, server]) {
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        server.destroy()
      })
    }
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  return { port: (proxy.address() as AddressInfo).port, clients }
}
