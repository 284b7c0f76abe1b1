/** UDP ASSOCIATE (RFC 1928 section 7): datagrams of one client, for as long as its TCP connection lasts. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { concat } from '../../../../core/index.ts'
import { parseAddressText } from '../access/addresses.ts'
import { FLOWS_PER_ASSOCIATION } from '../constants.ts'
import type { OpenStream } from '../opening/open-stream.ts'
import { formatTarget, type Target } from '../target.ts'
import { datagramHead, encodeReply, parseDatagram, REPLY } from './messages.ts'
import { UdpFlow } from './udp-flow.ts'

export interface AssociationOptions {
  readonly open: OpenStream
  readonly onFailed?: (target: Target, error: Error) => void
  /** Aborts when the server closes. */
  readonly signal: AbortSignal
}

/**
 * Serves an association until its control connection ends.
 * @param announced where the client says that it sends from; zeros when it does not know yet
 * @throws what opening a UDP port throws; the client has not been answered then
 */
export async function associate(
  control: Socket,
  announced: Target,
  options: AssociationOptions,
): Promise<void> {
  const local = parseAddressText(control.localAddress ?? '')
  const remote = parseAddressText(control.remoteAddress ?? '')
  const family = local?.family === 'ipv6' ? 'udp6' : 'udp4'
  const udp = createSocket(family)
  try {
    // A client on a UNIX socket has no address: it is on this machine.
    udp.bind(0, local?.address ?? '127.0.0.1')
    await once(udp, 'listening')
  } catch (error) {
    udp.close()
    throw error
  }
  udp.on('error', () => {})
  const association = new Association(udp, remote?.address ?? '127.0.0.1', announced.port, options)
  const { address, port } = udp.address() as AddressInfo
  control.write(encodeReply(REPLY.succeeded, { host: address, port }))
  control.resume()
  await new Promise<void>((resolve) => {
    control.once('end', resolve)
    control.once('close', resolve)
    if (control.destroyed) resolve()
  })
  association.close()
  control.destroy()
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

  constructor(udp: UdpSocket, clientAddress: string, clientPort: number, options: AssociationOptions) {
    this.#udp = udp
    this.#clientAddress = clientAddress
    this.#clientPort = clientPort
    this.#options = options
    udp.on('message', (message, from) => this.#fromClient(message, from))
  }

  close(): void {
    for (const flow of this.#flows.values()) flow.close()
    this.#flows.clear()
    this.#udp.close()
  }

  #fromClient(message: Buffer, from: RemoteInfo): void {
    if (parseAddressText(from.address)?.address !== this.#clientAddress) return
    if (this.#clientPort !== 0 && from.port !== this.#clientPort) return
    const datagram = parseDatagram(message)
    if (datagram === undefined) return
    this.#clientPort = from.port
    const key = formatTarget(datagram.target)
    const flow = this.#flows.get(key) ?? this.#newFlow(datagram.target, key)
    this.#flows.delete(key)
    this.#flows.set(key, flow)
    flow.send(datagram.data)
  }

  #newFlow(target: Target, key: string): UdpFlow {
    if (this.#flows.size >= FLOWS_PER_ASSOCIATION) {
      const [oldest] = this.#flows
      if (oldest !== undefined) {
        this.#flows.delete(oldest[0])
        oldest[1].close()
      }
    }
    const { open, onFailed } = this.#options
    const head = datagramHead(target)
    const flow = new UdpFlow(target, open, {
      datagram: (data) => this.#udp.send(concat(head, data), this.#clientPort, this.#clientAddress),
      ended: (error) => {
        // The key may be another flow's by now.
        if (this.#flows.get(key) === flow) this.#flows.delete(key)
        if (error !== undefined) onFailed?.(target, error)
      },
    })
    return flow
  }
}
