/**
 * The native QUIC library (quinn, through `@chainsafe/libp2p-quic`): its types and how it is found. Only what is used
 * here is described. Every failure is an `Error` with code `Unknown` or `GenericFailure`; a `read` that returns null is
 * the only clean end.
 */
import { createRequire } from 'node:module'
import { AivError } from '../../core/index.ts'

export interface QuicConfigValues {
  /** Not used by the library: `maxIdleTimeout` bounds the handshake. */
  readonly handshakeTimeout: number
  readonly maxIdleTimeout: number
  readonly keepAliveInterval: number
  readonly maxConcurrentStreamLimit: number
  readonly maxStreamData: number
  readonly maxConnectionData: number
  readonly receiveBufferSize: number
  readonly sendBufferSize: number
  /** Ed25519 identity, protobuf of libp2p. */
  readonly privateKeyProto: Uint8Array
}

export interface QuicConfig {
  readonly constructor: unknown
}

export interface QuicStream {
  /** Up to `maxBytes`; null at the peer's clean end. Rejects on reset and on loss of the connection. */
  read(maxBytes: number): Promise<Uint8Array | null>
  /** Resolves when all of `bytes` is in the library's send buffer. */
  write(bytes: Uint8Array): Promise<void>
  /** Waits for a pending `write`. */
  finishWrite(): Promise<void>
}

export interface QuicConnection {
  inboundStream(): Promise<QuicStream>
  /** Resolves when the peer allows one more stream. */
  outboundStream(): Promise<QuicStream>
  /** Closes at once; what is unacknowledged is lost. */
  abort(): void
  /** Resolves, without a reason, once closed by either side or lost. */
  closed(): Promise<void>
  stats(): { readonly frameTxStream: bigint | number }
  /** `/ip4/ADDRESS/udp/PORT/…` or `/ip6/…`. */
  remoteMultiaddr(): string
}

export interface QuicServer {
  /** One connection, its handshake included. */
  inboundConnection(): Promise<QuicConnection>
  /** Handshakes taken up by calls of `inboundConnection` so far. */
  stats(): { readonly acceptedHandshakes: bigint | number }
  /** Not after `abort`: the library would end the process. */
  port(): number
  /** Closes every connection and frees the port. */
  abort(): Promise<void>
}

export interface QuicClient {
  outboundConnection(ip: string, port: number): Promise<QuicConnection>
  /** Closes every connection and attempt. The socket itself lives until the object is collected. */
  abort(): void
}

export interface QuicBinding {
  readonly QuinnConfig: new (values: QuicConfigValues) => QuicConfig
  readonly Server: new (config: QuicConfig, ip: string, port: number) => QuicServer
  readonly Client: new (config: QuicConfig, family: 0 | 1) => QuicClient
}

let loading: Promise<QuicBinding> | undefined

/** @throws AivError `E_DEPENDENCY_MISSING` */
export function loadQuicBinding(): Promise<QuicBinding> {
  loading ??= load()
  return loading
}

async function load(): Promise<QuicBinding> {
  const failures: unknown[] = []
  const require = createRequire(import.meta.url)
  // The platform's package alone is enough and leaves out the library's libp2p dependencies.
  for (const name of platformPackages()) {
    try {
      return require(name) as QuicBinding
    } catch (error) {
      failures.push(error)
    }
  }
  try {
    const main = import.meta.resolve('@chainsafe/libp2p-quic')
    // Not exported by the package, so it is found beside its main file.
    return (await import(new URL('./napi.js', main).href)) as QuicBinding
  } catch (error) {
    failures.push(error)
  }
  loading = undefined
  throw new AivError('E_DEPENDENCY_MISSING', 'the QUIC library is not installed for this platform', {
    cause: new AggregateError(failures, 'no QUIC library'),
    hint: `run: npm install ${platformPackages()[0] ?? '@chainsafe/libp2p-quic'}@2.1.1 (or use another link)`,
  })
}

function platformPackages(): readonly string[] {
  const base = `@chainsafe/libp2p-quic-${process.platform}-${process.arch}`
  if (process.platform === 'linux') return [`${base}-gnu`, `${base}-musl`]
  if (process.platform === 'win32') return [`${base}-msvc`]
  return [base]
}
