/**
 * Packets and reply blocks of clients: from the own provider through one mix of each layer to the provider of the other side,
 * and back (Loopix, section 4). Delays at mixes are drawn anew for each packet; providers pass on at once.
 */
import { AivError, type RandomSource } from '../../core/index.ts'
import { VRF_OUTPUT_BYTES } from '../../crypto/index.ts'
import {
  type CreatedSurb,
  createPacket,
  createSurb,
  type Geometry,
  type PathHop,
  type RoutingCommand,
  SURB_ID_BYTES,
} from '../../sphinx/index.ts'
import { sampleDelayMs } from '../delay/index.ts'
import { type MixDirectory, type MixNode, mixKeyOf } from '../directory/index.ts'
import { choosePath } from '../path/index.ts'

/** Providers on both ends stand beside the mixes of a path. */
export const PROVIDER_HOPS = 2

export interface RouteOptions {
  readonly directory: MixDirectory
  /** The own provider, where packets enter and answers arrive. */
  readonly provider: MixNode
  /** Under which the own provider hands over answers, 32 bytes. */
  readonly recipient: Uint8Array
  readonly random: RandomSource
}

export interface ReplyBlock extends CreatedSurb {
  /** By which the answer is recognised, 16 bytes. */
  readonly id: Uint8Array
}

export class Routes {
  readonly #options: RouteOptions

  /** @throws AivError `E_INPUT` when packets of this network are too short for its paths */
  constructor(options: RouteOptions) {
    const { geometry, topology } = options.directory
    if (geometry.hops < topology.layers + PROVIDER_HOPS)
      throw new AivError(
        'E_INPUT',
        `paths of ${topology.layers} mixes and two providers need packets of ${topology.layers + PROVIDER_HOPS} hops, and these have ${geometry.hops}`,
      )
    this.#options = options
  }

  get geometry(): Geometry {
    return this.#options.directory.geometry
  }

  /**
   * A packet that `to` delivers to `recipient`, to be handed to the own provider.
   * @param payload exactly `geometry.payloadBytes`
   */
  packet(to: MixNode, recipient: Uint8Array, payload: Uint8Array): Uint8Array {
    const { provider, random } = this.#options
    const path = [
      this.#hop(provider, []),
      ...this.#mixes(to),
      this.#hop(to, [{ type: 'recipient', id: recipient }]),
    ]
    return createPacket(this.geometry, path, payload, random)
  }

  /** For an answer from `from`, which puts it on its way itself. */
  replyBlock(from: MixNode): ReplyBlock {
    const { provider, recipient, random } = this.#options
    const id = random.bytes(SURB_ID_BYTES)
    const last = this.#hop(provider, [
      { type: 'recipient', id: recipient },
      { type: 'surb-reply', id },
    ])
    return { id, ...createSurb(this.geometry, [...this.#mixes(from), last], random) }
  }

  #mixes(other: MixNode): readonly PathHop[] {
    const { directory, provider, random } = this.#options
    const path = choosePath(directory, random.bytes(VRF_OUTPUT_BYTES), { besides: [provider, other] })
    return path.map((node) =>
      this.#hop(node, [{ type: 'delay', ms: sampleDelayMs(random, directory.parameters.hopDelayUs / 1000) }]),
    )
  }

  #hop(node: MixNode, commands: readonly RoutingCommand[]): PathHop {
    const publicKey = mixKeyOf(node, this.#options.directory.epoch)
    if (publicKey === undefined)
      throw new AivError('E_INPUT', 'a node of the path has no key for this epoch', {
        hint: 'Get the newest directory.',
      })
    return { id: node.id, publicKey, commands }
  }
}
