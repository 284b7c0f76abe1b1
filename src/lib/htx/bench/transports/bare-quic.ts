/**
 * The QUIC library below `htx+quic` on its own: one stream, no session on top. It has the settings that the library
 * itself defaults to, which are not all the ones of our link.
 */
import { createRequire } from 'node:module'
import { AivError, concat } from '../../../core/index.ts'
import { ed25519 } from '../../../crypto/index.ts'
import type { BulkSource, BulkTransport } from '../bulk.ts'

const HOST = '127.0.0.1'
const READ_BYTES = 256 * 1024

/** Defaults of the library; milliseconds and bytes. */
const SETTINGS = {
  handshakeTimeout: 5_000,
  maxIdleTimeout: 10_000,
  keepAliveInterval: 5_000,
  maxConcurrentStreamLimit: 256,
  maxStreamData: 10_000_000,
  maxConnectionData: 15_000_000,
  receiveBufferSize: 500_000,
  sendBufferSize: 500_000,
} as const

interface Stream {
  read(most: number): Promise<Uint8Array | null>
  write(bytes: Uint8Array): Promise<void>
  finishWrite(): Promise<void>
}

interface Connection {
  inboundStream(): Promise<Stream>
  outboundStream(): Promise<Stream>
  abort(): void
}

interface Binding {
  readonly QuinnConfig: new (settings: object) => object
  readonly Server: new (
    config: object,
    ip: string,
    port: number,
  ) => { inboundConnection(): Promise<Connection>; port(): number }
  readonly Client: new (
    config: object,
    family: 0,
  ) => { outboundConnection(ip: string, port: number): Promise<Connection> }
}

export function bareQuicTransport(): BulkTransport {
  const binding = loadBinding()
  const config = new binding.QuinnConfig({ ...SETTINGS, privateKeyProto: throwAwayKey() })
  return {
    async listen(accept) {
      const server = new binding.Server(config, HOST, 0)
      const takeConnections = async (): Promise<void> => {
        for (;;) {
          const connection = await server.inboundConnection()
          const source = accept()
          connection
            .inboundStream()
            .then((stream) => receive(stream, source))
            .catch((error: unknown) => source.fail(error))
        }
      }
      // It ends with the process.
      takeConnections().catch(() => {})
      return String(server.port())
    },

    async dial(address) {
      const connection = await new binding.Client(config, 0).outboundConnection(HOST, Number(address))
      return {
        async open() {
          const stream = await connection.outboundStream()
          return { write: (chunk) => stream.write(chunk), end: () => stream.finishWrite() }
        },
        close: async () => connection.abort(),
      }
    },
  }
}

async function receive(stream: Stream, source: BulkSource): Promise<void> {
  for (;;) {
    const chunk = await stream.read(READ_BYTES)
    if (chunk === null) break
    source.chunk(chunk)
  }
  source.end()
}

/** Protobuf of a libp2p Ed25519 key: a header, then seed and public key. */
function throwAwayKey(): Uint8Array {
  const pair = ed25519.generate()
  return concat(Uint8Array.of(0x08, 0x01, 0x12, 0x40), pair.exportSeed(), pair.publicKey)
}

function loadBinding(): Binding {
  const require = createRequire(import.meta.url)
  const base = `@chainsafe/libp2p-quic-${process.platform}-${process.arch}`
  for (const name of [`${base}-gnu`, `${base}-musl`, `${base}-msvc`, base]) {
    try {
      return require(name) as Binding
    } catch {
      // The next name may be the one of this platform.
    }
  }
  throw new AivError('E_DEPENDENCY_MISSING', 'the QUIC library is not installed for this platform', {
    hint: 'Leave out quic.bare and stream.quic with --only, or install the optional dependencies.',
  })
}
