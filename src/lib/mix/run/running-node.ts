/** A node of a mixnet as an operator runs it: its keys on disk, its links, and the node between them. */
import type { RandomSource, TimerClock } from '../../core/index.ts'
import { AivError, EMPTY, equal } from '../../core/index.ts'
import type { EndpointIdentityOptions } from '../../htx/index.ts'
import type { Identity } from '../../identity/index.ts'
import { type Geometry, geometryHash } from '../../sphinx/index.ts'
import { DEFAULT_MAX_DWELL_US, DEFAULT_MEAN_DELAY_US, maxDelayUs } from '../delay/index.ts'
import { MAX_LIFETIME_S } from '../directory/constants.ts'
import {
  DEFAULT_EPOCH_LENGTH_S,
  type DelayMode,
  epochAt,
  type MixDirectory,
  type MixRole,
  nodeIdOf,
  type SignedDescriptor,
  signDescriptor,
} from '../directory/index.ts'
import { KEYS_AHEAD, type LostKey, MixKeyRing, machineRunId, type ReplayCapacity } from '../keys/index.ts'
import { ClientLinks } from '../link/client-links.ts'
import { CLIENT_BURST, CLIENT_RATE, CLIENTS_MOST } from '../link/constants.ts'
import { dialPackets, type EndpointOptions, listenPackets, type PacketListener } from '../link/endpoints.ts'
import { InboundLinks } from '../link/inbound.ts'
import { Peers } from '../link/peers.ts'
import type { NodeCounts } from '../node/counters.ts'
import { MixNode } from '../node/mix-node.ts'
import type { Provider } from '../provider/index.ts'
import type { ReplayFilterSize } from '../replay/index.ts'
import { DESCRIPTOR_EPOCHS, KEY_LOOK_MS } from './constants.ts'
import { Delivery, type PayloadTaker, type ReplyTaker } from './delivery.ts'
import { Drawing } from './drawing.ts'

export interface RunningNodeOptions {
  readonly identity: Identity
  /** How links show that identity; its certificate renewed. */
  readonly endpointIdentity: EndpointIdentityOptions
  /** `tcp://` in a lab, else addresses of HTX; port 0 picks one. */
  readonly listen: readonly string[]
  /** What the descriptor says instead, where others reach the node by other addresses. */
  readonly advertise?: readonly string[] | undefined
  readonly role: MixRole
  readonly weight?: number | undefined
  readonly family?: string | undefined
  readonly as?: number | undefined
  readonly country?: string | undefined
  readonly geometry: Geometry
  /** Threads that open packets. */
  readonly workers: number
  /** Folder of the mix keys and their replay logs. */
  readonly keyFolder: string
  /** Who chooses how long packets wait; the sender unless given. */
  readonly delay?: { readonly mode: DelayMode; readonly meanUs: number } | undefined
  /** Folder of seeds and logs of drawn delays; only looked at where the node draws. */
  readonly delayFolder?: string | undefined
  readonly epochLengthS?: number | undefined
  readonly filter?: Omit<ReplayFilterSize, 'workers'> | undefined
  /** A packet that waited so long for a worker is dropped; 250 ms unless given. Microseconds. */
  readonly maxDwellUs?: number | undefined
  /** Packets a second that one peer may send. */
  readonly ratePerPeer?: number | undefined
  /** Serves packets that end here, or takes their payloads as they are; a node without either is a mix only. */
  readonly provider?: ((id: Uint8Array) => Provider) | undefined
  readonly onDeliver?: PayloadTaker | undefined
  /** Takes answers that go to a client of this node, in place of the links of clients. */
  readonly onReply?: ReplyTaker | undefined
  readonly clock: TimerClock
  readonly random: RandomSource
  readonly onEvent: (event: NodeEvent) => void
}

export type NodeEvent =
  /** Other keys belong into the descriptor. */
  | { readonly kind: 'descriptor'; readonly descriptor: SignedDescriptor }
  /** A key was given up before its time: its packets are lost, none can pass twice. */
  | { readonly kind: 'key-lost'; readonly lost: LostKey }
  /** What the audit of an epoch reads. */
  | { readonly kind: 'revealed'; readonly file: string }
  | { readonly kind: 'clock-jump'; readonly ms: number }
  | { readonly kind: 'worker-died'; readonly worker: number }
  | { readonly kind: 'link-failed'; readonly address: string; readonly error: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }

const SENDER_CHOOSES = { mode: 'sender', meanUs: DEFAULT_MEAN_DELAY_US } as const
const SENDER_DELAY = { mode: 'sender', meanUs: 0, betaE: EMPTY } as const

export class RunningNode {
  /** Node id, 32 bytes. */
  readonly id: Uint8Array
  readonly #options: RunningNodeOptions
  readonly #ring: MixKeyRing
  readonly #peers: Peers
  readonly #inbound: InboundLinks
  readonly #clientInbound: InboundLinks
  readonly #clients: ClientLinks
  readonly #node: MixNode
  readonly #delivery: Delivery
  readonly #drawing: Drawing | undefined
  readonly #ended: AbortController
  readonly #listeners: PacketListener[] = []
  #cancelLook: (() => void) | undefined
  #stopped: Promise<void> | undefined

  private constructor(parts: {
    readonly options: RunningNodeOptions
    readonly id: Uint8Array
    readonly ring: MixKeyRing
    readonly peers: Peers
    readonly inbound: InboundLinks
    readonly clientInbound: InboundLinks
    readonly node: MixNode
    readonly delivery: Delivery
    readonly drawing: Drawing | undefined
    readonly ended: AbortController
  }) {
    this.#options = parts.options
    this.id = parts.id
    this.#ring = parts.ring
    this.#peers = parts.peers
    this.#inbound = parts.inbound
    this.#clientInbound = parts.clientInbound
    this.#clients = new ClientLinks(parts.clientInbound)
    this.#node = parts.node
    this.#delivery = parts.delivery
    this.#drawing = parts.drawing
    this.#ended = parts.ended
  }

  /**
   * Opens keys, workers and listeners. Until it has a directory the node drops what comes.
   * @throws AivError of the key folder, the workers or the listeners
   */
  static async start(options: RunningNodeOptions): Promise<RunningNode> {
    const { clock, random, geometry, workers, onEvent } = options
    const ring = await MixKeyRing.open({
      folder: options.keyFolder,
      clock,
      random,
      epochLengthS: options.epochLengthS,
      workers,
      filter: options.filter,
      bootId: await machineRunId(),
    })
    let running: RunningNode | undefined
    let drawing: Drawing | undefined
    try {
      const id = nodeIdOf(options.identity.sign.publicKey)
      drawing = await openDrawing(options, id)
      const ended = new AbortController()
      const endpoint = endpointOptions(options, ended.signal)
      const peers = new Peers({
        packetBytes: geometry.packetBytes,
        clock,
        random,
        dial: (address, signal) => dialPackets(address, { ...endpoint, signal }),
        onFailure: (address, error) => onEvent({ kind: 'link-failed', address, error }),
      })
      const clientReply: ReplyTaker = (recipient, surbId, payload) =>
        running === undefined ? false : running.#clients.reply(recipient, surbId, payload)
      const delivery = new Delivery({
        geometry,
        receiver: options.provider?.(id) ?? options.onDeliver,
        onReply: (recipient, surbId, payload) => (options.onReply ?? clientReply)(recipient, surbId, payload),
        send: (firstHop, packet) => running?.send(firstHop, packet),
      })
      const node = await MixNode.start({
        geometry,
        workers,
        isProvider: delivery.isProvider,
        routes: peers.routes,
        sink: {
          forward: (route, packet) => peers.forward(route, packet),
          deliver: (recipient, payload) => delivery.deliver(recipient, payload),
          reply: (recipient, surbId, payload) => delivery.reply(recipient, surbId, payload),
          flush: () => peers.flush(),
        },
        limits: {
          maxDelayUs: maxDelayUs((options.epochLengthS ?? DEFAULT_EPOCH_LENGTH_S) * 1e6, KEYS_AHEAD),
          maxDwellUs: options.maxDwellUs ?? DEFAULT_MAX_DWELL_US,
        },
        durability: ring,
        drawnDelays: drawing,
        clock,
        onWorkerDeath: (worker) => onEvent({ kind: 'worker-died', worker }),
        onTurn: () => ring.poke(clock.now()),
      })
      const { ratePerPeer } = options
      const inbound = new InboundLinks({
        packetBytes: geometry.packetBytes,
        intake: node,
        clock,
        ratePerPeer,
      })
      const clientInbound = new InboundLinks({
        packetBytes: geometry.packetBytes,
        intake: node,
        clock,
        linksMost: CLIENTS_MOST,
        ratePerPeer: CLIENT_RATE,
        burstPerPeer: CLIENT_BURST,
      })
      running = new RunningNode({
        options,
        id,
        ring,
        peers,
        inbound,
        clientInbound,
        node,
        delivery,
        drawing,
        ended,
      })
      await running.#open(endpoint)
      return running
    } catch (error) {
      if (running === undefined) {
        drawing?.close()
        await ring.close()
      } else await running.stop()
      throw error
    }
  }

  /** Where peers reach it, with real ports. */
  get addresses(): readonly string[] {
    return this.#options.advertise ?? this.#listeners.map(({ address }) => address)
  }

  get counts(): NodeCounts {
    return this.#node.counts
  }

  /** What the replay filters hold. */
  get replayCapacity(): ReplayCapacity {
    return this.#ring.capacity
  }

  /** Links to peers that are open, and those that peers opened. */
  get links(): { readonly outbound: number; readonly inbound: number } {
    return { outbound: this.#peers.open, inbound: this.#inbound.count }
  }

  /** What the node says of itself now. */
  descriptor(): SignedDescriptor {
    const { identity, role, weight = 1, family, as, country } = this.#options
    const epochLengthS = this.#epochLengthS
    const validFrom = this.#epoch * epochLengthS
    return signDescriptor(
      {
        vrfKey: identity.vrf.publicKey,
        mixKeys: this.#ring.published,
        addresses: this.addresses,
        weight,
        family,
        as,
        country,
        role,
        delay: this.#options.delay ?? SENDER_CHOOSES,
        validFrom,
        validUntil: validFrom + Math.min(DESCRIPTOR_EPOCHS * epochLengthS, MAX_LIFETIME_S),
      },
      identity.sign,
    )
  }

  /**
   * Takes the nodes that packets may go on to. The caller has verified the directory.
   * @throws AivError `E_USAGE` for a network of another geometry or other epochs: nothing it says would fit; `E_INPUT`
   *   for another random value of an epoch than before, where the node draws delays
   */
  async setDirectory({ geometry, epochLengthS, nodes, epoch, sharedRandom }: MixDirectory): Promise<void> {
    if (!equal(geometryHash(geometry), geometryHash(this.#options.geometry)))
      throw new AivError('E_USAGE', 'the directory is of a network with packets of another geometry')
    if (epochLengthS !== this.#epochLengthS)
      throw new AivError('E_USAGE', `the directory is of a network with epochs of ${epochLengthS} seconds`)
    this.#peers.set(nodes.filter(({ id, addresses }) => addresses.length > 0 && !equal(id, this.id)))
    this.#node.setRoutes(this.#peers.routes)
    if (this.#drawing === undefined) return
    this.#drawing.begin(epoch, sharedRandom)
    await this.#giveKeys()
  }

  /** Sends a packet that was made here; false when its first hop is not known or takes no more. */
  send(firstHop: Uint8Array, packet: Uint8Array): boolean {
    if (equal(firstHop, this.id)) {
      this.#node.receive(packet)
      this.#node.flush()
      return true
    }
    const route = this.#peers.routes.find(firstHop, 0)
    if (route === -1 || !this.#peers.forward(route, packet)) return false
    this.#peers.flush()
    return true
  }

  /** Takes nothing more, drops and counts what waits, and leaves the keys so that the next start finds every tag. Once is enough. */
  async stop(): Promise<void> {
    this.#stopped ??= this.#end()
    await this.#stopped
  }

  async #end(): Promise<void> {
    this.#cancelLook?.()
    this.#ended.abort()
    this.#inbound.close()
    this.#clientInbound.close()
    await Promise.all(this.#listeners.map((listener) => listener.close()))
    await this.#node.stop()
    await this.#delivery.idle()
    this.#peers.close()
    this.#drawing?.close()
    await this.#ring.close()
  }

  async #open(endpoint: EndpointOptions): Promise<void> {
    await this.#advanceKeys()
    for (const address of this.#options.listen)
      this.#listeners.push(
        await listenPackets(address, endpoint, {
          node: (pipe) => this.#inbound.add(pipe),
          client: this.#delivery.isProvider ? (token, pipe) => this.#clients.add(token, pipe) : undefined,
        }),
      )
    this.#lookLater()
  }

  #lookLater(): void {
    this.#cancelLook = this.#options.clock.schedule(KEY_LOOK_MS, () => {
      this.#advanceKeys()
        .then((published) => {
          if (published) this.#options.onEvent({ kind: 'descriptor', descriptor: this.descriptor() })
        })
        .catch((error: unknown) => this.#options.onEvent({ kind: 'failed', error }))
        .finally(() => {
          if (!this.#ended.signal.aborted) this.#lookLater()
        })
    })
  }

  /** True when the descriptor has changed. */
  async #advanceKeys(): Promise<boolean> {
    const { accepting, published, lost, clockJumpMs } = await this.#ring.advance()
    if (accepting) await this.#giveKeys()
    const { onEvent } = this.#options
    for (const each of lost) onEvent({ kind: 'key-lost', lost: each })
    if (clockJumpMs !== 0) onEvent({ kind: 'clock-jump', ms: clockJumpMs })
    for (const file of (await this.#drawing?.reveal(this.#epoch)) ?? []) onEvent({ kind: 'revealed', file })
    return published
  }

  /** A key whose seed is not known yet opens nothing: a delay that is not drawn by it could not be proved. */
  async #giveKeys(): Promise<void> {
    const keys = this.#ring.accepting.flatMap((key) => {
      const delay = this.#drawing === undefined ? SENDER_DELAY : this.#drawing.delayOf(key.epoch)
      if (delay === undefined) return []
      return [{ epoch: key.epoch, privateKey: key.exportPrivate(), filter: key.filter, delay }]
    })
    await this.#node.setKeys(keys)
  }

  get #epochLengthS(): number {
    return this.#options.epochLengthS ?? DEFAULT_EPOCH_LENGTH_S
  }

  get #epoch(): number {
    return epochAt(this.#options.clock.wallMs() / 1_000, this.#epochLengthS)
  }
}

function endpointOptions(options: RunningNodeOptions, signal: AbortSignal): EndpointOptions {
  const { endpointIdentity, geometry, clock } = options
  return { identity: endpointIdentity, geometryHash: geometryHash(geometry), clock, signal }
}

async function openDrawing(
  { delay, delayFolder, identity, clock }: RunningNodeOptions,
  node: Uint8Array,
): Promise<Drawing | undefined> {
  if (delay === undefined || delay.mode === 'sender') return undefined
  if (delayFolder === undefined)
    throw new AivError('E_USAGE', 'a node that draws delays needs a folder for them')
  const { mode, meanUs } = delay
  return await Drawing.open({ mode, meanUs, identity, node, folder: delayFolder, clock })
}
