/** Worker process of js-libp2p: TCP, Noise and Yamux with their default settings. */
import { once } from 'node:events'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { type BulkSource, type BulkTransport, serveWorker } from '../src/lib/htx/bench/index.ts'

const PROTOCOL = '/aivillage-bench/1'

const STACK = { transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()] }

type Node = Awaited<ReturnType<typeof createLibp2p>>
type Stream = Awaited<ReturnType<Node['dialProtocol']>>

const transport: BulkTransport = {
  async listen(accept) {
    const node = await createLibp2p({ ...STACK, addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] } })
    await node.handle(PROTOCOL, (stream) => receive(stream, accept()))
    return String(node.getMultiaddrs()[0])
  },

  async dial(address) {
    const node = await createLibp2p(STACK)
    return {
      async open() {
        const stream = await node.dialProtocol(multiaddr(address), PROTOCOL)
        return {
          write: (chunk) => (stream.send(chunk) ? undefined : drained(stream)),
          end: () => stream.close(),
        }
      },
      close: async () => void (await node.stop()),
    }
  },
}

async function drained(stream: Stream): Promise<void> {
  const settled = new AbortController()
  const { signal } = settled
  const broken = once(stream, 'close', { signal }).then(() => {
    throw new Error('the stream was closed')
  })
  try {
    await Promise.race([once(stream, 'drain', { signal }), broken])
  } finally {
    broken.catch(() => {})
    settled.abort()
  }
}

function receive(stream: Stream, source: BulkSource): void {
  stream.addEventListener('message', ({ data }) => {
    if (data instanceof Uint8Array) source.chunk(data)
    else for (const piece of data) source.chunk(piece)
  })
  stream.addEventListener('end', () => {
    source.end()
    stream.close().catch((error: unknown) => source.fail(error))
  })
  stream.addEventListener('close', () => source.fail(new Error('the stream was closed before its end')))
}

serveWorker({ 'libp2p.tcp': async () => transport })
