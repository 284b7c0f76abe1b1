import { describe, expect, it } from 'vitest'
import { SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { loadEcvrf } from '../../../src/lib/crypto/index.ts'
import { openMessage, phaseStart } from '../../../src/lib/mix/authority/index.ts'
import { signMessage } from '../../../src/lib/mix/authority/message.ts'
import { directoryHash, encodeDescriptor, topologyProblems } from '../../../src/lib/mix/index.ts'
import {
  type Faults,
  playRound,
  type SimulatedWorld,
  simulatedWorld,
  validDirectories,
} from '../../support/mix-authorities.ts'
import { EPOCH, EPOCH_LENGTH_S, paperNode } from '../../support/mix-directory.ts'
import { simulateLyingAuthority } from '../../support/mix-nightly/lying-authority.ts'
import { directoriesOfSplitNetwork } from '../../support/mix-split-authorities.ts'

const ecvrf = await loadEcvrf()

/** Four authorities of whom one may be dishonest; what the valid directories are. */
function outcome(
  faults: Faults = {},
  seed = 5,
): { world: SimulatedWorld; hashes: string[]; valid: readonly string[] } {
  const world = simulatedWorld(4, 3, 3, seed)
  const directories = playRound(world, faults)
  return {
    world,
    hashes: directories.flatMap((directory) =>
      directory === undefined ? [] : [toHex(directoryHash(directory))],
    ),
    valid: validDirectories(world, directories),
  }
}

describe('four authorities, three of whom must sign', () => {
  it('make one valid directory, with the nodes that proved themselves in their layers', () => {
    const world = simulatedWorld(4, 3)
    const directories = playRound(world)
    expect(validDirectories(world, directories)).toHaveLength(4)
    expect(
      new Set(directories.map((directory) => toHex(directoryHash(directory ?? expect.fail())))),
    ).toHaveLength(1)
    const [directory = expect.fail()] = directories
    expect(directory.nodes.map(({ id }) => id)).toEqual(world.nodes.map(({ descriptor }) => descriptor.id))
    expect(directory.nodes.filter(({ layer }) => layer !== undefined)).toHaveLength(3)
    expect(topologyProblems(ecvrf, directory)).toEqual([])
  })

  it('make it without any one of them', () => {
    for (const silent of [0, 3]) {
      const { valid } = outcome({ delivers: (from) => from !== silent })
      expect([silent, new Set(valid).size, valid.length >= 3]).toEqual([silent, 1, true])
    }
  })

  it('make the same random value whether or not one withholds its secret', () => {
    const open = outcome()
    const withheld = outcome({
      delivers: (_, __, ___, bytes) => {
        const message = openMessage(bytes, keysOf(open.world))
        return !(message?.authority === 2 && ['reveal', 'shares'].includes(message.statement.type))
      },
    })
    expect(withheld.valid).toHaveLength(4)
    expect(new Set([...open.valid, ...withheld.valid]).size).toBe(1)
  })

  it('make none with two of them, and say nothing false', () => {
    const { hashes } = outcome({ delivers: (from, to) => from < 2 && to < 2 })
    expect(hashes).toEqual([])
  })

  it('leave out a node that withholds its proof', () => {
    const world = simulatedWorld(4, 3)
    const [directory = expect.fail()] = playRound(world, { withheldProofs: [1, 4] })
    for (const i of [1, 4])
      expect(directory.nodes[i]).toMatchObject({ layer: undefined, topologyProof: undefined })
    expect(topologyProblems(ecvrf, directory)).toEqual([])
  })

  it('make the same directory when messages come by one way only', () => {
    // A ring: each hears its neighbour alone, who passes on what it has heard.
    const { valid, hashes } = outcome({
      delivers: (from, to) => (from + 1) % 4 === to || from === (to + 2) % 4,
    })
    expect(new Set(hashes).size).toBe(1)
    expect(valid).toHaveLength(4)
  })
})

function keysOf({ network }: SimulatedWorld): readonly Uint8Array[] {
  return network.authorities.map(({ identityKey }) => identityKey)
}

describe('an authority that says different things to different people', () => {
  it('does not make two directories valid, whatever is lost', () => {
    const made = [1, 2, 3].filter((seed) => simulateLyingAuthority(seed))
    // The runs are of use only when some of them come to an end.
    expect(made.length).toBeGreaterThan(0)
  })

  it('makes two directories valid only where the threshold is below what the rule asks for', () => {
    // More than (4 + 1) / 2 is 3.
    expect(directoriesOfSplitNetwork(3)).toBeLessThanOrEqual(1)
    expect(directoriesOfSplitNetwork(2)).toBe(2)
  })

  it('is named by those who have seen it', () => {
    const { world } = outcome({
      forged: (_, phase, { identities }) =>
        phase === 'ack'
          ? [signMessage(EPOCH, 1, { type: 'ack', votes: [] }, identities[1] ?? expect.fail()).bytes]
          : [],
    })
    expect(world.rounds[0]?.equivocators).toEqual([1])
  })
})

describe('a round', () => {
  it('takes no message of a stranger, of another epoch, or with a byte changed', () => {
    const world = simulatedWorld(4, 3)
    const round = world.rounds[0] ?? expect.fail()
    const identity = world.identities[1] ?? expect.fail()
    const right = signMessage(EPOCH, 1, { type: 'proofs', proofs: [] }, identity).bytes
    const stranger = signMessage(EPOCH, 2, { type: 'proofs', proofs: [] }, identity).bytes
    const later = signMessage(EPOCH + 1, 1, { type: 'proofs', proofs: [] }, identity).bytes
    for (const bytes of [stranger, later, new Uint8Array(0), right.subarray(1)])
      expect(round.receive(bytes)).toBe(false)
    for (let at = 0; at < right.length; at++) {
      const changed = right.slice()
      changed[at] = (changed[at] as number) ^ 1
      expect([at, round.receive(changed)]).toEqual([at, false])
    }
    expect([round.receive(right), round.receive(right)]).toEqual([true, false])
  })

  it('collects descriptors until the vote, the newest of each node, and none that could not serve', () => {
    const round = simulatedWorld(4, 3).rounds[0] ?? expect.fail()
    const random = new SeededRandom(1)
    const { descriptor } = paperNode(random)
    expect(round.offerDescriptor(descriptor)).toEqual([])
    expect(round.offerDescriptor({ ...descriptor, weight: 9 })).toEqual(['its own signature does not hold'])
    expect(
      round.offerDescriptor(paperNode(random, { validUntil: descriptor.validFrom + 1 }).descriptor),
    ).toHaveLength(1)
    round.advance(phaseStart('vote', EPOCH, EPOCH_LENGTH_S))
    expect(round.offerDescriptor(paperNode(random).descriptor)).toHaveLength(1)
    const [vote] = round.messages()
    expect(toHex(vote ?? new Uint8Array())).toContain(toHex(encodeDescriptor(descriptor)).slice(2))
  })

  it('does nothing late when its machine has slept', () => {
    const round = simulatedWorld(4, 3).rounds[0] ?? expect.fail()
    round.advance(phaseStart('reveal', EPOCH, EPOCH_LENGTH_S))
    expect([round.phase, round.messages()]).toEqual(['reveal', []])
  })
})
