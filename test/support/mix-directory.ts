/** A mix network on paper: nodes with keys from one seed, and the directory that lists them. */
import { SeededRandom } from '../../src/lib/core/index.ts'
import { type Ed25519KeyPair, ed25519, x25519 } from '../../src/lib/crypto/index.ts'
import {
  byId,
  checkedDirectory,
  type DescriptorStatement,
  type MixDirectory,
  type SignedDescriptor,
  signDescriptor,
} from '../../src/lib/mix/index.ts'
import { makeGeometry } from '../../src/lib/sphinx/index.ts'

export const EPOCH = 1_496_304
export const EPOCH_LENGTH_S = 1200
/** The start of {@link EPOCH}. */
export const EPOCH_START_S = EPOCH * EPOCH_LENGTH_S

export interface PaperNode {
  readonly descriptor: SignedDescriptor
  readonly identity: Ed25519KeyPair
  readonly vrfSeed: Uint8Array
  /** Sphinx key of {@link EPOCH}. */
  readonly mixSecret: Uint8Array
}

export function paperNode(
  random: SeededRandom,
  changes: Partial<Omit<DescriptorStatement, 'identityKey'>> = {},
): PaperNode {
  const identity = ed25519.fromSeed(random.bytes(32))
  const [vrfSeed, mixSecret] = [random.bytes(32), random.bytes(32)]
  const descriptor = signDescriptor(
    {
      vrfKey: ed25519.fromSeed(vrfSeed).publicKey,
      mixKeys: [{ epoch: EPOCH, publicKey: x25519.fromPrivate(mixSecret).publicKey }],
      addresses: [`tcp://127.0.0.1:${9000 + random.below(1000)}`],
      weight: 1,
      role: 'mix',
      delay: { mode: 'sender', meanUs: 33_000 },
      validFrom: EPOCH_START_S - 86_400,
      validUntil: EPOCH_START_S + 86_400,
      ...changes,
    },
    identity,
  )
  return { descriptor, identity, vrfSeed, mixSecret }
}

export interface PaperNetwork {
  /** In the order of the directory. */
  readonly nodes: readonly PaperNode[]
  /** Unsigned by authorities. */
  readonly directory: MixDirectory
}

/** Nodes in three layers, in turn; `change` says what is special about one. */
export function paperNetwork(
  count: number,
  change: (index: number) => Partial<Omit<DescriptorStatement, 'identityKey'>> = () => ({}),
  seed = 14,
): PaperNetwork {
  const random = new SeededRandom(seed)
  const nodes = Array.from({ length: count }, (_, i) => paperNode(random, change(i))).sort((a, b) =>
    byId(a.descriptor, b.descriptor),
  )
  const directory = checkedDirectory({
    version: 1,
    epoch: EPOCH,
    epochLengthS: EPOCH_LENGTH_S,
    validFrom: EPOCH_START_S,
    validUntil: EPOCH_START_S + EPOCH_LENGTH_S,
    geometry: makeGeometry({}),
    parameters: {
      hopDelayUs: 33_000,
      payloadUs: 20_000,
      loopUs: 200_000,
      dropUs: 0,
      mixLoopUs: 1_000_000,
    },
    topology: { layers: 3, active: 0 },
    sharedRandom: random.bytes(32),
    nodes: nodes.map(({ descriptor }, i) => ({
      ...descriptor,
      layer: descriptor.role === 'provider' ? undefined : i % 3,
    })),
    signatures: [],
  })
  return { nodes, directory }
}
