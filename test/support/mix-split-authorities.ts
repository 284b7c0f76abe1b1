/** The worst that one of four authorities can do: it stands between two halves that do not hear each other. */
import { toHex } from '../../src/lib/core/index.ts'
import { openMessage } from '../../src/lib/mix/authority/index.ts'
import { type AuthorityStatement, signMessage } from '../../src/lib/mix/authority/message.ts'
import { directoryHash, signDirectory } from '../../src/lib/mix/index.ts'
import { playRound, type SimulatedPhase, type SimulatedWorld, simulatedWorld } from './mix-authorities.ts'
import { EPOCH } from './mix-directory.ts'

const LIAR = 3
const SIDES: readonly (readonly number[])[] = [[0], [1, 2]]

/** How many different directories are valid when each half gets from the liar what it likes to see. */
export function directoriesOfSplitNetwork(threshold: number): number {
  const world = simulatedWorld(4, threshold)
  const keys = world.network.authorities.map(({ identityKey }) => identityKey)
  const directories = playRound(world, {
    delivers(_, to, __, bytes) {
      const message = openMessage(bytes, keys)
      if (message === undefined || to === LIAR) return true
      if (message.authority !== LIAR) return sideOf(to).includes(message.authority)
      return message.statement.type === 'vote' || message.statement.type === 'reveal'
    },
    forged: (to, phase) => (to === LIAR ? [] : liesFor(world, keys, to, phase)),
  })
  const honest = directories.slice(0, LIAR).filter((directory) => directory !== undefined)
  return new Set(honest.map((directory) => toHex(directoryHash(directory)))).size
}

function sideOf(authority: number): readonly number[] {
  return SIDES.find((side) => side.includes(authority)) ?? []
}

function liesFor(
  world: SimulatedWorld,
  keys: readonly Uint8Array[],
  to: number,
  phase: SimulatedPhase,
): readonly Uint8Array[] {
  const statement = lieFor(world, keys, to, phase)
  const identity = world.identities[LIAR]
  return statement === undefined || identity === undefined
    ? []
    : [signMessage(EPOCH, LIAR, statement, identity).bytes]
}

function lieFor(
  world: SimulatedWorld,
  keys: readonly Uint8Array[],
  to: number,
  phase: SimulatedPhase,
): AuthorityStatement | undefined {
  const proposal = world.rounds[to]?.proposal
  const identity = world.identities[LIAR]
  if (phase === 'sign' && proposal !== undefined && identity !== undefined) {
    const [signed] = signDirectory(proposal, identity).signatures
    return signed === undefined ? undefined : { type: 'sign', signature: signed.signature }
  }
  if (phase !== 'ack') return undefined
  const believed = [...sideOf(to), LIAR]
  const votes = (world.rounds[LIAR]?.messages() ?? []).flatMap((bytes) => {
    const message = openMessage(bytes, keys)
    return message?.statement.type === 'vote' && believed.includes(message.authority)
      ? [{ authority: message.authority, hash: message.hash }]
      : []
  })
  return { type: 'ack', votes }
}
