/** Links by address: `tcp://host:port` in a lab, where everybody reads along, and HTX everywhere else. */
import { AivError, equal, type TimerClock } from '../../core/index.ts'
import {
  acceptService,
  connect,
  type EndpointIdentityOptions,
  listen,
  openRawService,
  refusal,
  type Service,
} from '../../htx/index.ts'
import { dialLink, hostPort, type Link, listenLink } from '../../link/index.ts'
import { CLIENT_TOKEN_BYTES } from './client-links.ts'
import { CLIENT_SERVICE, PACKET_SERVICE } from './constants.ts'
import { duplexPipe, linkPipe, type PacketPipe } from './packet-pipe.ts'

export interface EndpointOptions {
  readonly identity: EndpointIdentityOptions
  /** Hash of the geometry, 32 bytes: nodes of other geometries do not understand one another. */
  readonly geometryHash: Uint8Array
  readonly clock: TimerClock
  readonly signal: AbortSignal
}

export interface PacketListener {
  /** With the real port. */
  readonly address: string
  close(): Promise<void>
}

interface HostAndPort {
  readonly host: string
  readonly port: number
}

/**
 * @throws AivError of the link or the session, `E_SERVICE_REFUSED` by a node of another geometry, `E_ADDRESS`
 */
export async function dialPackets(address: string, options: EndpointOptions): Promise<PacketPipe> {
  const { identity, geometryHash, clock, signal } = options
  const target = labTarget(address)
  if (target !== undefined) return linkPipe(await dialLink('tcp', target, { signal }))
  const session = await connect(address, { ...identity, clock, signal })
  try {
    const stream = await openRawService(session, PACKET_SERVICE, { geometry: geometryHash }, { signal })
    stream.once('close', () => void session.close())
    return duplexPipe(stream)
  } catch (error) {
    void session.close()
    throw error
  }
}

/**
 * The link of a client to its provider.
 * @param token by which the provider knows the client, 32 bytes
 * @throws AivError of the link or the session, `E_SERVICE_REFUSED` by a node that has no clients, `E_ADDRESS`
 */
export async function dialProvider(
  address: string,
  token: Uint8Array,
  { identity, geometryHash, clock, signal }: EndpointOptions,
): Promise<PacketPipe> {
  const session = await connect(address, { ...identity, clock, signal })
  try {
    const params = { geometry: geometryHash, token }
    const stream = await openRawService(session, CLIENT_SERVICE, params, { signal })
    stream.once('close', () => void session.close())
    return duplexPipe(stream)
  } catch (error) {
    void session.close()
    throw error
  }
}

export interface PipeTakers {
  /** Gets each link of a node. */
  node(pipe: PacketPipe): void
  /** Gets each link of a client; clients are refused where it is absent. In a lab there are none: its links have no service. */
  readonly client?: ((token: Uint8Array, pipe: PacketPipe) => void) | undefined
}

/** @throws AivError of the listener, `E_ADDRESS` */
export async function listenPackets(
  address: string,
  options: EndpointOptions,
  takers: PipeTakers,
): Promise<PacketListener> {
  const target = labTarget(address)
  return target === undefined
    ? listenHtx(address, options, takers)
    : listenLab(target, options.signal, (link) => takers.node(linkPipe(link)))
}

async function listenLab(
  { host, port }: HostAndPort,
  signal: AbortSignal,
  onLink: (link: Link) => void,
): Promise<PacketListener> {
  const listener = await listenLink('tcp', { host, port, signal, onLink })
  return { address: `tcp://${hostPort(host, listener.port)}`, close: () => listener.close() }
}

async function listenHtx(
  address: string,
  { identity, geometryHash, clock, signal }: EndpointOptions,
  takers: PipeTakers,
): Promise<PacketListener> {
  const requireGeometry = (asked: unknown): void => {
    if (!(asked instanceof Uint8Array) || !equal(asked, geometryHash))
      throw refusal('this node takes packets of another geometry')
  }
  const packets: Service = async ({ params, accept, reader, stream }) => {
    requireGeometry(params.geometry)
    accept()
    reader.release()
    takers.node(duplexPipe(stream))
  }
  const clients: Service = async ({ params, accept, reader, stream }) => {
    requireGeometry(params.geometry)
    const { token } = params
    if (takers.client === undefined) throw refusal('this node is no provider')
    if (!(token instanceof Uint8Array) || token.length !== CLIENT_TOKEN_BYTES)
      throw refusal('a client brings a token of 32 bytes')
    accept()
    reader.release()
    takers.client(token.slice(), duplexPipe(stream))
  }
  const listener = await listen(address, {
    ...identity,
    clock,
    signal,
    onStream: (stream, session) =>
      void acceptService(stream, session, {
        clock,
        services: { [PACKET_SERVICE]: packets, [CLIENT_SERVICE]: clients },
      }),
  })
  return { address: listener.address, close: () => listener.close() }
}

const LAB_SCHEME = 'tcp:'

/** Host and port of a `tcp:` address; undefined for others, which HTX judges. */
function labTarget(address: string): HostAndPort | undefined {
  const url = URL.parse(address)
  if (url?.protocol !== LAB_SCHEME) return undefined
  const port = Number(url.port)
  if (url.hostname === '' || url.port === '')
    throw new AivError('E_ADDRESS', `${address} is not tcp://HOST:PORT`)
  return { host: url.hostname, port }
}
