/** What follows from the messages of a round, the same for all who have the same messages. */
import { equal, toHex } from '../../core/index.ts'
import { byId, encodeDescriptor } from '../directory/descriptor-codec.ts'
import type { SignedDescriptor } from '../directory/document.ts'
import type { MessageOf } from './ledger.ts'

/**
 * The votes that count: those which so many authorities say they have received. Of an authority that sent different votes to
 * different others at most one can count, because honest authorities acknowledge one of each.
 */
export function countedVotes(
  votes: readonly MessageOf<'vote'>[],
  acks: readonly MessageOf<'ack'>[],
  threshold: number,
): { readonly counted: readonly MessageOf<'vote'>[]; readonly isComplete: boolean } {
  const supporters = new Map<string, Set<number>>()
  for (const { authority, statement } of acks)
    for (const vote of statement.votes) {
      const name = `${vote.authority} ${toHex(vote.hash)}`
      supporters.set(name, (supporters.get(name) ?? new Set()).add(authority))
    }
  const names = [...supporters].filter(([, by]) => by.size >= threshold).map(([name]) => name)
  const counted = votes.filter(({ authority, hash }) => names.includes(`${authority} ${toHex(hash)}`))
  return {
    counted: counted.toSorted((a, b) => a.authority - b.authority),
    isComplete: counted.length === names.length,
  }
}

/** Descriptors that more than half of the votes have in the very same form, by ascending id. */
export function electedDescriptors(votes: readonly MessageOf<'vote'>[]): readonly SignedDescriptor[] {
  const counts = new Map<string, { readonly descriptor: SignedDescriptor; count: number }>()
  for (const { statement } of votes)
    for (const [name, descriptor] of byName(statement.descriptors)) {
      const entry = counts.get(name) ?? { descriptor, count: 0 }
      entry.count++
      counts.set(name, entry)
    }
  const elected = [...counts.values()].filter(({ count }) => 2 * count > votes.length)
  return withoutTwins(elected.map(({ descriptor }) => descriptor).sort(byId))
}

/** Twice in one vote is once. */
function byName(descriptors: readonly SignedDescriptor[]): Map<string, SignedDescriptor> {
  return new Map(descriptors.map((descriptor) => [toHex(encodeDescriptor(descriptor)), descriptor]))
}

/** A vote may hold several descriptors of a node, so that two could have more than half: then it is left out. */
function withoutTwins(sorted: readonly SignedDescriptor[]): readonly SignedDescriptor[] {
  const isTwin = (a: SignedDescriptor, b: SignedDescriptor | undefined): boolean =>
    b !== undefined && equal(a.id, b.id)
  return sorted.filter((node, i) => !isTwin(node, sorted[i - 1]) && !isTwin(node, sorted[i + 1]))
}

/**
 * Proofs that at least `support` authorities list, by node.
 * @returns hex of the node's id to the proof
 */
export function supportedProofs(
  messages: readonly MessageOf<'proofs'>[],
  support: number,
): ReadonlyMap<string, Uint8Array> {
  const counts = new Map<
    string,
    { readonly id: string; readonly proof: Uint8Array; readonly by: Set<number> }
  >()
  for (const { authority, statement } of messages)
    for (const { id, proof } of statement.proofs) {
      const name = `${toHex(id)} ${toHex(proof)}`
      const entry = counts.get(name) ?? { id: toHex(id), proof, by: new Set<number>() }
      entry.by.add(authority)
      counts.set(name, entry)
    }
  const supported = [...counts.values()].filter(({ by }) => by.size >= support)
  return new Map(supported.map(({ id, proof }) => [id, proof]))
}
