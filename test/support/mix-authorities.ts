/** Authorities of a mix network in one process, with a network between them that loses, holds back and forges. */
import { SeededRandom, toHex } from '../../src/lib/core/index.ts'
import { ed25519, loadEcvrf, loadPvss } from '../../src/lib/crypto/index.ts'
import { type AuthorityNetwork, AuthorityRound, phaseStart } from '../../src/lib/mix/authority/index.ts'
import { type MixDirectory, proveTopology, verifyDirectory } from '../../src/lib/mix/index.ts'
import { EPOCH, EPOCH_LENGTH_S, EPOCH_START_S, type PaperNode, paperNetwork } from './mix-directory.ts'

const [pvss, ecvrf] = [await loadPvss(), await loadEcvrf()]
const PHASES = ['vote', 'ack', 'reveal', 'shares', 'proofs', 'sign'] as const

export type SimulatedPhase = (typeof PHASES)[number]

export interface Faults {
  /** Whether a message gets from one authority to another at the end of a phase; all do unless given. */
  readonly delivers?: (from: number, to: number, phase: SimulatedPhase, bytes: Uint8Array) => boolean
  /** Messages that are delivered beside the real ones, at the end of a phase. */
  readonly forged?: (to: number, phase: SimulatedPhase, world: SimulatedWorld) => readonly Uint8Array[]
  /** Nodes that do not publish their proofs. */
  readonly withheldProofs?: readonly number[]
}

export interface SimulatedWorld {
  readonly network: AuthorityNetwork
  readonly rounds: readonly AuthorityRound[]
  readonly nodes: readonly PaperNode[]
  readonly identities: readonly ReturnType<typeof ed25519.fromSeed>[]
}

export function simulatedWorld(count: number, threshold: number, active = 3, seed = 5): SimulatedWorld {
  const random = new SeededRandom(seed)
  const { nodes, directory } = paperNetwork(6, (i) => ({
    weight: i + 1,
    ...(i === 5 ? { role: 'provider' } : {}),
  }))
  const identities = Array.from({ length: count }, () => ed25519.fromSeed(random.bytes(32)))
  const secrets = identities.map(() => pvss.generateSecretKey(random))
  const network: AuthorityNetwork = {
    authorities: identities.map(({ publicKey }, i) => ({
      identityKey: publicKey,
      sharingKey: pvss.publicKey(secrets[i] as Uint8Array),
      url: `http://127.0.0.1:${i + 1}`,
    })),
    threshold,
    epochLengthS: EPOCH_LENGTH_S,
    geometry: directory.geometry,
    parameters: directory.parameters,
    topology: { layers: 3, active },
  }
  const rounds = identities.map(
    (identity, index) =>
      new AuthorityRound({
        epoch: EPOCH,
        network,
        self: { index, identity, sharingSecret: secrets[index] as Uint8Array },
        pvss,
        ecvrf,
        random,
      }),
  )
  return { network, rounds, nodes, identities }
}

/** Plays all phases; what every authority then has as directory. */
export function playRound(world: SimulatedWorld, faults: Faults = {}): readonly (MixDirectory | undefined)[] {
  const { rounds, nodes } = world
  for (const round of rounds) for (const { descriptor } of nodes) round.offerDescriptor(descriptor)
  for (const phase of PHASES) {
    if (phase === 'proofs') offerProofs(world, faults)
    for (const round of rounds) round.advance(phaseStart(phase, EPOCH, EPOCH_LENGTH_S))
    // What came with one exchange is passed on in the next.
    for (let exchange = 0; exchange < 2; exchange++) deliver(world, phase, faults)
  }
  return rounds.map((round) => round.directory())
}

const PROOFS = new Map<string, Uint8Array>()

/** Made once for all authorities: it is the same for each. */
function topologyProof(sharedRandom: Uint8Array, vrfSeed: Uint8Array): Uint8Array {
  const name = toHex(sharedRandom) + toHex(vrfSeed)
  const proof = PROOFS.get(name) ?? proveTopology(ecvrf, { epoch: EPOCH, sharedRandom }, vrfSeed)
  PROOFS.set(name, proof)
  return proof
}

function offerProofs({ rounds, nodes }: SimulatedWorld, { withheldProofs = [] }: Faults): void {
  for (const round of rounds) {
    const sharedRandom = round.sharedRandom()
    if (sharedRandom === undefined) continue
    for (const [i, { descriptor, vrfSeed }] of nodes.entries())
      if (!withheldProofs.includes(i))
        round.offerProof({
          id: descriptor.id,
          proof: topologyProof(sharedRandom, vrfSeed),
        })
  }
}

function deliver(world: SimulatedWorld, phase: SimulatedPhase, faults: Faults): void {
  const { delivers = () => true, forged = () => [] } = faults
  const sent = world.rounds.map((round) => round.messages())
  for (const [to, round] of world.rounds.entries()) {
    for (const bytes of forged(to, phase, world)) round.receive(bytes)
    for (const [from, messages] of sent.entries())
      for (const bytes of from === to ? [] : messages)
        if (delivers(from, to, phase, bytes)) round.receive(bytes)
  }
}

/** Signed directories as hex of what is signed, without those that clients would refuse. */
export function validDirectories(
  { network }: SimulatedWorld,
  directories: readonly (MixDirectory | undefined)[],
): readonly string[] {
  const trust = {
    authorities: network.authorities.map(({ identityKey }) => identityKey),
    threshold: network.threshold,
  }
  return directories.flatMap((directory) => {
    if (directory === undefined) return []
    const { problems } = verifyDirectory(directory, trust, EPOCH_START_S)
    return problems.length > 0 ? [] : [toHex(directory.sharedRandom)]
  })
}
