/**
 * The seed of a mix's delays in one epoch: the output of its verifiable random function. Its key was published before the
 * shared random value was known and gives one output only, so that a mix cannot choose among seeds.
 */
import { AivError, concat, u64, utf8 } from '../../core/index.ts'
import type { Ecvrf, VrfSuite } from '../../crypto/index.ts'

const LABEL = utf8('aiv-mix-delay-v1')
const SHARED_RANDOM_BYTES = 32
const NODE_ID_BYTES = 32

/** That of paths and topology: one key serves one suite. What is hashed to the curve is public, so its time tells nothing. */
const DELAY_VRF_SUITE: VrfSuite = 'tai'

/** What the seed is a function of. */
export interface DelaySeedInput {
  readonly epoch: number
  /** The network's shared random value of the epoch, 32 bytes. */
  readonly sharedRandom: Uint8Array
  /** 32 bytes. */
  readonly node: Uint8Array
}

export interface DelaySeed {
  /** 64 bytes; a secret until the epoch is revealed. */
  readonly beta: Uint8Array
  /** 80 bytes; as secret as beta, which follows from it. */
  readonly proof: Uint8Array
}

/**
 * The seed of a node.
 * @param vrfSeed the 32-byte seed of its VRF key
 */
export function proveDelaySeed(vrf: Ecvrf, vrfSeed: Uint8Array, input: DelaySeedInput): DelaySeed {
  const proof = vrf.prove(DELAY_VRF_SUITE, vrfSeed, alphaOf(input))
  const beta = vrf.proofToHash(DELAY_VRF_SUITE, proof)
  if (beta === undefined) throw new AivError('E_INTERNAL', 'a proof without an output')
  return { beta, proof }
}

/** The seed that `proof` shows to be the node's, or undefined. */
export function verifyDelaySeed(
  vrf: Ecvrf,
  vrfKey: Uint8Array,
  input: DelaySeedInput,
  proof: Uint8Array,
): Uint8Array | undefined {
  return vrf.verify(DELAY_VRF_SUITE, vrfKey, alphaOf(input), proof)
}

function alphaOf({ epoch, sharedRandom, node }: DelaySeedInput): Uint8Array {
  if (!Number.isSafeInteger(epoch) || epoch < 0) throw new AivError('E_INPUT', 'no number of an epoch')
  if (sharedRandom.length !== SHARED_RANDOM_BYTES || node.length !== NODE_ID_BYTES)
    throw new AivError('E_INPUT', 'the shared random value and the id of a node have 32 bytes each')
  return concat(LABEL, u64(epoch), sharedRandom, node)
}
