/** UDP ASSOCIATE (RFC 1928 section 7): datagrams of one client, for as long as its TCP connection lasts. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { type Clock, concat } from '../../../../core/index.ts'
import { parseAddressText } from '../access/addresses.ts'
import { FLOWS_KEPT, FLOWS_MOST } from '../constants.ts'
import type { OpenStream } from '../opening/open-stream.ts'
import { formatTarget, type Target } from '../target.ts'
import { datagramHead, encodeReply, parseDatagram, REPLY, SocksRefusal } from './messages.ts'
import { UdpFlow } from './udp-flow.ts'

export interface AssociationOptions {
  readonly open: OpenStream
  readonly clock: Clock
  readonly onFailed?: (target: Target, error: Error) => void
}

/** Between which addresses the datagrams of a client go; link-local ones have their zone. */
interface Ends {
  readonly local: string
  readonly client: string
}

/**
 * Serves an association until its control connection ends.
 * @param announced where the client says that it sends from; zeros when it does not know yet
 * @throws SocksRefusal when it cannot be told whose datagrams are the client's; what opening a UDP port throws; the
 *   client has not been answered then
 */
export async function associate(
  control: Socket,
  announced: Target,
  options: AssociationOptions,
): Promise<void> {
  const { local, client } = endsOf(control, announced)
  const udp = createSocket(local.includes(':') ? 'udp6' : 'udp4')
  try {
    udp.bind(0, local)
    await once(udp, 'listening')
  } catch (error) {
    udp.close()
    throw error
  }
  udp.on('error', () => {})
  const association = new Association(udp, client, announced.port, options)
  const { address, port } = udp.address() as AddressInfo
  // The client is on the same link, and knows by which interface.
  control.write(encodeReply(REPLY.succeeded, { host: address.replace(/%.*$/, ''), port }))
  control.resume()
  await new Promise<void>((resolve) => {
    control.once('end', resolve)
    control.once('close', resolve)
    if (control.destroyed) resolve()
  })
  association.close()
  control.destroy()
}

const LOOPBACK = '127.0.0.1'

/**
 * A client on a UNIX socket has no address, and whoever may not open that socket can still send to a UDP port of this
 * machine. So it has to say which port it sends from: while it holds that, nobody else can.
 */
function endsOf(control: Socket, announced: Target): Ends {
  const { localAddress, remoteAddress } = control
  if (localAddress !== undefined && remoteAddress !== undefined)
    return { local: inOneForm(localAddress), client: inOneForm(remoteAddress) }
  const isHere = announced.host === LOOPBACK || announced.host === '0.0.0.0'
  if (announced.port === 0 || !isHere)
    throw new SocksRefusal(
      REPLY.commandNotSupported,
      'UDP over a UNIX socket takes a client that names its port',
    )
  return { local: LOOPBACK, client: LOOPBACK }
}

/** As the system writes it, IPv4 in IPv6 form as IPv4. */
function inOneForm(address: string): string {
  return parseAddressText(address)?.address ?? address
}

class Association {
  readonly #udp: UdpSocket
  readonly #options: AssociationOptions
  /** Only this address is heard; anybody on the network could send to the port. */
  readonly #clientAddress: string
  /** 0 until the first datagram shows it. */
  #clientPort: number
  /** By target; the one that was silent longest comes first. */
  readonly #flows = new Map<string, UdpFlow>()
  /** Streams of flows, those that are ending included. */
  #streams = 0

  constructor(udp: UdpSocket, clientAddress: string, clientPort: number, options: AssociationOptions) {
    this.#udp = udp
    this.#clientAddress = clientAddress
    this.#clientPort = clientPort
    this.#options = options
    udp.on('message', (message, from) => this.#fromClient(message, from))
  }

  close(): void {
    for (const flow of this.#flows.values()) flow.end()
    this.#flows.clear()
    this.#udp.close()
  }

  #fromClient(message: Buffer, from: RemoteInfo): void {
    if (inOneForm(from.address) !== this.#clientAddress) return
    if (this.#clientPort !== 0 && from.port !== this.#clientPort) return
    const datagram = parseDatagram(message)
    if (datagram === undefined) return
    this.#clientPort = from.port
    const key = formatTarget(datagram.target)
    const flow = this.#flows.get(key) ?? this.#newFlow(datagram.target, key)
    if (flow === undefined) return
    this.#flows.delete(key)
    this.#flows.set(key, flow)
    flow.send(datagram.data)
  }

  /** Undefined when there is no room: the datagram is dropped. */
  #newFlow(target: Target, key: string): UdpFlow | undefined {
    if (this.#flows.size >= FLOWS_KEPT) this.#makeRoom()
    if (this.#streams >= FLOWS_MOST) return undefined
    const head = datagramHead(target)
    this.#streams++
    const flow = new UdpFlow(target, this.#options, {
      datagram: (data) => this.#udp.send(concat(head, data), this.#clientPort, this.#clientAddress),
      ended: (error) => {
        this.#streams--
        // The key may be another flow's by now.
        if (this.#flows.get(key) === flow) this.#flows.delete(key)
        if (error !== undefined) this.#options.onFailed?.(target, error)
      },
    })
    return flow
  }

  /** Ends the flow that was silent longest of those whose answers have come, or come no more. */
  #makeRoom(): void {
    for (const [key, flow] of this.#flows) {
      if (flow.isAwaited) continue
      this.#flows.delete(key)
      flow.end()
      return
    }
  }
}
