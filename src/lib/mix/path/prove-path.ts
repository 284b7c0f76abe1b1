/**
 * Paths that can be proved afterwards to have been chosen by nobody: for loop packets that are opened as evidence of how
 * nodes behave. The path of anything else must never be published.
 */
import { concat, equal, isAivError, u64, utf8 } from '../../core/index.ts'
import type { Ecvrf } from '../../crypto/index.ts'
import { directoryHash } from '../directory/directory-codec.ts'
import type { MixDirectory, MixNode } from '../directory/document.ts'
import { choosePath, type PathOptions } from './choose-path.ts'

const PATH_DOMAIN = 'aiv-mix-path-v1'

/** What is published of a path. */
export interface PathProof {
  /** Hash of the directory it was chosen from, 32 bytes. */
  readonly directory: Uint8Array
  readonly epoch: number
  /** Counted from 0 without gaps; an auditor asks for every one. */
  readonly counter: number
  /** VRF key of the client, registered before the random value of the epoch was known. */
  readonly publicKey: Uint8Array
  /** 80 bytes. */
  readonly proof: Uint8Array
  /** Node ids in order. */
  readonly nodes: readonly Uint8Array[]
}

export interface ProvenPath {
  readonly path: readonly MixNode[]
  readonly proof: PathProof
}

/** `"aiv-mix-path-v1" || u64be(e) || R_e || u64be(counter)` */
function pathInput(directory: MixDirectory, counter: number): Uint8Array {
  return concat(utf8(PATH_DOMAIN), u64(directory.epoch), directory.sharedRandom, u64(counter))
}

/**
 * The path that a key has for a counter, with its proof. There is exactly one.
 * @param seed of the client's VRF key, 32 bytes
 * @throws AivError as `choosePath`
 */
export function provePath(
  ecvrf: Ecvrf,
  directory: MixDirectory,
  seed: Uint8Array,
  counter: number,
  options: PathOptions = {},
): ProvenPath {
  const proof = ecvrf.prove('tai', seed, pathInput(directory, counter))
  const path = choosePath(directory, ecvrf.proofToHash('tai', proof) as Uint8Array, options)
  return {
    path,
    proof: {
      directory: directoryHash(directory),
      epoch: directory.epoch,
      counter,
      publicKey: ecvrf.publicKey(seed),
      proof,
      nodes: path.map(({ id }) => id),
    },
  }
}

/**
 * Why the proof does not show this path; undefined when it does.
 * @param options those of the path, which both sides must know
 */
export function pathProblem(
  ecvrf: Ecvrf,
  directory: MixDirectory,
  claim: PathProof,
  options: PathOptions = {},
): string | undefined {
  if (claim.epoch !== directory.epoch) return 'it is of another epoch'
  if (!equal(claim.directory, directoryHash(directory))) return 'it was chosen from another directory'
  if (!Number.isSafeInteger(claim.counter) || claim.counter < 0) return 'its counter is no whole number'
  const beta = ecvrf.verify('tai', claim.publicKey, pathInput(directory, claim.counter), claim.proof)
  if (beta === undefined) return 'the proof is not of this key and counter'
  return sameNodes(directory, beta, claim.nodes, options)
    ? undefined
    : 'the nodes are not those that the proof chooses'
}

function sameNodes(
  directory: MixDirectory,
  beta: Uint8Array,
  nodes: readonly Uint8Array[],
  options: PathOptions,
): boolean {
  try {
    const path = choosePath(directory, beta, options)
    return path.length === nodes.length && path.every(({ id }, i) => equal(id, nodes[i] as Uint8Array))
  } catch (error) {
    // No path at all fits the draws of this proof: then the claimed one does not either.
    if (isAivError(error, 'E_INPUT')) return false
    throw error
  }
}
