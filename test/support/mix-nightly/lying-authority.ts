/** Four authorities of whom one lies, over a network that loses messages, from one seed: never two valid directories. */
import { SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { openMessage } from '../../../src/lib/mix/authority/index.ts'
import { signMessage } from '../../../src/lib/mix/authority/message.ts'
import { directoryHash, signDirectory } from '../../../src/lib/mix/index.ts'
import { playRound, type SimulatedPhase, type SimulatedWorld, simulatedWorld } from '../mix-authorities.ts'
import { EPOCH } from '../mix-directory.ts'

const LOSS = 0.15

/** More than (4 + 1) / 2. */
const THRESHOLD = 3

/**
 * @returns whether a directory was made at all
 * @throws Error when two were
 */
export function simulateLyingAuthority(seed: number): boolean {
  const random = new SeededRandom(seed)
  const world = simulatedWorld(4, THRESHOLD, 3, seed)
  const liar = random.below(4)
  const directories = playRound(world, {
    delivers: () => !random.chance(LOSS),
    forged: (to, phase) => (to === liar ? [] : lies(world, liar, to, phase)),
  })
  const made = directories.filter((directory) => directory !== undefined)
  if (new Set(made.map((directory) => toHex(directoryHash(directory)))).size > 1)
    throw new Error('two directories of one epoch are valid')
  return made.length > 0
}

/** Another acknowledgement for each of the others, another list of proofs, and a signature under whatever each finds right. */
function lies(world: SimulatedWorld, liar: number, to: number, phase: SimulatedPhase): readonly Uint8Array[] {
  const identity = world.identities[liar] as SimulatedWorld['identities'][number]
  const keys = world.network.authorities.map(({ identityKey }) => identityKey)
  const votes = (world.rounds[liar]?.messages() ?? []).flatMap((bytes) => {
    const message = openMessage(bytes, keys)
    return message?.statement.type === 'vote' ? [{ authority: message.authority, hash: message.hash }] : []
  })
  const proposal = world.rounds[to]?.proposal
  if (phase === 'sign' && proposal !== undefined) {
    const [{ signature } = { signature: new Uint8Array() }] = signDirectory(proposal, identity).signatures
    return [signMessage(EPOCH, liar, { type: 'sign', signature }, identity).bytes]
  }
  if (phase === 'ack')
    return [signMessage(EPOCH, liar, { type: 'ack', votes: votes.slice(to % 2) }, identity).bytes]
  return phase === 'proofs' ? [signMessage(EPOCH, liar, { type: 'proofs', proofs: [] }, identity).bytes] : []
}
