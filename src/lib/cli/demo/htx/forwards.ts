/** A forward reaches what the listener permits, and goes on when its link is cut. */
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type DemoCheck, type DemoContext, toHex } from '../../../core/index.ts'
import { createSha256, systemRandom } from '../../../crypto/index.ts'
import { formatSize } from '../../quantities.ts'
import { ended, eventsOf, type Listener, start, waitForEvent, withListener } from './processes.ts'

/** More than both sides hold at once, so that each link carries a part. */
const CONTINUED_BYTES = 12 * 1024 * 1024

/** A web server that only the listener may reach answers a client of the forward. */
export async function showForward(context: DemoContext): Promise<DemoCheck> {
  const name = 'a forward carries an HTTP request to where the listener permits'
  const server = createHttpServer((request, response) => response.end(`answer to ${request.url}`))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    const listener = ['listen', 'htx+tcp://127.0.0.1:0', '--permit', `*=${target}`]
    return await withListener(listener, context, async (peer) => {
      const forward = start(['htx', 'connect', peer, '--local-forward', `0:${target}`, '--json'], context)
      try {
        const { forwards } = await waitForEvent(eventsOf(forward.stderr), 'ready')
        const [{ listen }] = forwards as [{ readonly listen: string }]
        const answer = await (await fetch(`http://${listen}/hello`, { signal: context.signal })).text()
        return { name, passed: answer === 'answer to /hello', detail: answer }
      } finally {
        forward.kill('SIGTERM')
        await ended(forward)
      }
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** Bytes come through a forward whose link is cut after a quarter and after a half of them. */
export async function showContinuity(context: DemoContext): Promise<DemoCheck> {
  const sent = systemRandom.bytes(CONTINUED_BYTES)
  const expected = sha256Of([sent])
  const target = createServer((socket) => void socket.on('error', () => {}).end(sent))
  const targetPort = await listening(target)
  try {
    const listener = ['listen', 'htx+tcp://127.0.0.1:0', '--permit', `*=127.0.0.1:${targetPort}`]
    return await withListener(listener, context, async (address) => {
      const link = new CutLink(Number(/:(\d+)(?:[/?]|$)/.exec(address)?.[1]))
      const near = address.replace(/:\d+(?=[/?]|$)/, `:${await listening(link.server)}`)
      const forward = start(['htx', 'connect', near, '-L', `0:127.0.0.1:${targetPort}`, '--json'], context)
      try {
        const events = eventsOf(forward.stderr)
        const { forwards } = await waitForEvent(events, 'ready')
        const [{ listen }] = forwards as [{ readonly listen: string }]
        const got = await fetchThrough(Number(listen.split(':').at(-1)), link, events)
        return {
          name: 'a connection through a forward goes on over new links when two are cut',
          passed: got === expected && link.carried.length === 3 && link.carried.every((bytes) => bytes > 0),
          detail: `${link.carried.map(formatSize).join(' + ')} over ${link.carried.length} links, SHA-256 ${got}`,
        }
      } finally {
        forward.kill('SIGTERM')
        await ended(forward)
        link.close()
      }
    })
  } finally {
    target.close()
  }
}

/** Reads to the end of the data, and cuts the link twice. @returns SHA-256 of what came */
async function fetchThrough(port: number, link: CutLink, events: Listener): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  let cuts = 0
  const socket = connect(port, '127.0.0.1')
  for await (const chunk of socket) {
    chunks.push(chunk as Uint8Array)
    bytes += (chunk as Uint8Array).length
    if (cuts === 2 || bytes < ((cuts + 1) * CONTINUED_BYTES) / 4) continue
    cuts++
    link.cut()
    await waitForEvent(events, 'reconnected')
  }
  return sha256Of(chunks)
}

function sha256Of(parts: readonly Uint8Array[]): string {
  const hash = createSha256()
  for (const part of parts) hash.update(part)
  return toHex(hash.digest())
}

/** A way to the listener that can be cut. */
class CutLink {
  readonly server: Server
  /** Bytes to the client over each link so far. */
  readonly carried: number[] = []
  readonly #sockets = new Set<Socket>()

  constructor(port: number) {
    this.server = createServer((near) => {
      const far = connect(port, '127.0.0.1')
      const index = this.carried.push(0) - 1
      far.on('data', (chunk) => {
        this.carried[index] = (this.carried[index] ?? 0) + chunk.length
      })
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from)
        from.on('error', () => {}).on('close', () => this.#sockets.delete(from))
        from.pipe(to)
      }
    })
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  close(): void {
    this.cut()
    this.server.close()
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
