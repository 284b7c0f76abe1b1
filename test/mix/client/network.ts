/** A mixnet in memory for clients: nodes that unwrap, providers with mailboxes, links that lose packets, one seed. */
import { ManualClock, SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { ed25519 } from '../../../src/lib/crypto/index.ts'
import type { MixDirectory, MixNode } from '../../../src/lib/mix/directory/index.ts'
import { encodePayload } from '../../../src/lib/mix/message/index.ts'
import { MAILBOX_LIMITS, MAILBOX_SCHEMA, Mailboxes, Provider } from '../../../src/lib/mix/provider/index.ts'
import { MixKey, makeGeometry, packetFromSurb, unwrap } from '../../../src/lib/sphinx/index.ts'
import { openMemoryStore } from '../../../src/lib/storage/index.ts'

export const LAYERS = 3
const GEOMETRY = makeGeometry({ hops: LAYERS + 2 })

export type HandOver = (surbId: Uint8Array, payload: Uint8Array) => void | Promise<void>

export class TestMixnet {
  readonly clock: ManualClock = new ManualClock()
  readonly random: SeededRandom
  readonly directory: MixDirectory
  readonly providers: readonly MixNode[]
  /** Packets that were dropped by a node, which none should be. */
  readonly drops: string[] = []
  /** What clients and providers threw. */
  readonly failures: unknown[] = []
  transmissions = 0
  readonly #keys = new Map<string, MixKey>()
  readonly #services = new Map<string, Provider>()
  readonly #mailboxes = new Map<string, Mailboxes>()
  readonly #clients = new Map<string, HandOver>()
  readonly #loss: number
  #work: Promise<void> = Promise.resolve()

  private constructor(seed: number, loss: number) {
    this.random = new SeededRandom(seed)
    this.#loss = loss
    const nodes = Array.from({ length: LAYERS * 2 + 2 }, (_, i) => this.#node(i))
    this.providers = nodes.slice(LAYERS * 2)
    this.directory = {
      version: 1,
      epoch: 7,
      epochLengthS: 1200,
      validFrom: 0,
      validUntil: 1,
      geometry: GEOMETRY,
      parameters: { hopDelayUs: 33_000, payloadUs: 20_000, loopUs: 0, dropUs: 0, mixLoopUs: 0 },
      topology: { layers: LAYERS, active: 0 },
      sharedRandom: new Uint8Array(32),
      nodes,
      signatures: [],
    }
  }

  static async open(seed: number, loss = 0): Promise<TestMixnet> {
    const net = new TestMixnet(seed, loss)
    for (const { id } of net.providers) {
      const mailboxes = await Mailboxes.open(await openMemoryStore(MAILBOX_SCHEMA), net.clock)
      net.#mailboxes.set(toHex(id), mailboxes)
      net.#services.set(toHex(id), new Provider(id, GEOMETRY, mailboxes))
    }
    return net
  }

  async deposit(provider: MixNode, mailbox: Uint8Array, body: Uint8Array): Promise<void> {
    await this.#mailboxes.get(toHex(provider.id))?.deposit(mailbox, body)
  }

  /** Bodies in a mailbox; all can be fetched again afterwards. */
  async waiting(provider: MixNode, mailbox: Uint8Array): Promise<number> {
    const mailboxes = this.#mailboxes.get(toHex(provider.id))
    await this.advance(MAILBOX_LIMITS.leaseMs)
    const first = await mailboxes?.take(mailbox)
    await this.advance(MAILBOX_LIMITS.leaseMs)
    return first === undefined ? 0 : first.remaining + 1
  }

  /** A client under `recipient` at its provider. */
  attach(recipient: Uint8Array, handOver: HandOver): void {
    this.#clients.set(toHex(recipient), handOver)
  }

  /** A packet from a client to its provider. */
  inject(provider: MixNode, packet: Uint8Array): void {
    this.transmissions += 1
    this.#travel(provider.id, packet, 1)
  }

  /** Lets time pass, and everything finish that it sets off. */
  async advance(ms: number): Promise<void> {
    this.clock.advance(ms)
    await this.#work
  }

  #node(i: number): MixNode {
    const key = MixKey.generate(this.random)
    const id = this.random.bytes(32)
    this.#keys.set(toHex(id), key)
    const isMix = i < LAYERS * 2
    return {
      id,
      identityKey: ed25519.generate(this.random).publicKey,
      vrfKey: new Uint8Array(32),
      mixKeys: [{ epoch: 7, publicKey: key.publicKey }],
      addresses: [],
      weight: 1,
      family: `f${i}`,
      role: isMix ? 'mix' : 'provider',
      delay: { mode: 'sender', meanUs: 0 },
      validFrom: 0,
      validUntil: 1,
      signature: new Uint8Array(64),
      ...(isMix ? { layer: i % LAYERS } : {}),
    }
  }

  #travel(node: Uint8Array, packet: Uint8Array, delayMs: number): void {
    if (this.random.chance(this.#loss)) return
    this.clock.schedule(delayMs, () => this.#arrive(node, packet))
  }

  #arrive(node: Uint8Array, packet: Uint8Array): void {
    const key = this.#keys.get(toHex(node))
    const unwrapped = key && unwrap(GEOMETRY, key, packet)
    switch (unwrapped?.kind) {
      case 'forward':
        this.#travel(unwrapped.next, unwrapped.packet, 1 + unwrapped.delayMs)
        return
      case 'deliver':
        this.#then(async () => this.#serve(node, unwrapped.recipient, unwrapped.payload))
        return
      case 'reply':
        this.#then(async () =>
          this.#clients.get(toHex(unwrapped.recipient))?.(unwrapped.surbId, unwrapped.payload),
        )
        return
      default:
        this.drops.push(unwrapped?.reason ?? 'no such node')
    }
  }

  async #serve(node: Uint8Array, recipient: Uint8Array, payload: Uint8Array): Promise<void> {
    const { answer, dropped } = (await this.#services.get(toHex(node))?.serve(recipient, payload)) ?? {}
    if (dropped !== undefined) this.drops.push(dropped)
    if (answer === undefined) return
    const body = encodePayload(GEOMETRY, { body: answer.body })
    const { packet, firstHop } = packetFromSurb(GEOMETRY, answer.surb, body)
    this.#travel(firstHop, packet, 1)
  }

  /** One after the other, so that a seed repeats everything. */
  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.failures.push(error)
    })
  }
}
