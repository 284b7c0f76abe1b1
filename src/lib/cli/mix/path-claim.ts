/** What `mix path new` prints and `mix path verify` reads. */
import * as Flags from '@oclif/core/flags'
import { AivError, isAivError, type RandomSource, toHex } from '../../core/index.ts'
import {
  FieldReader,
  type MixDirectory,
  type MixNode,
  mixKeyOf,
  PATH_CONSTRAINTS,
  type PathConstraint,
  type PathProof,
  sampleDelayMs,
} from '../../mix/index.ts'
import { readInput } from '../io/input.ts'
import type { Fields } from '../output.ts'
import { jsonDocument } from './json-document.ts'

const CLAIM_MOST = 2 ** 20
const KEY_BYTES = 32
const PROOF_BYTES = 80
const HOPS_MOST = 64

export const constraintFlag = {
  distinct: Flags.string({
    summary: 'what no two nodes may share: family, as, country; separated by commas; default family,as',
    helpValue: 'LIST',
  }),
}

/** @throws AivError `E_USAGE` */
export function parseConstraints(list: string | undefined): readonly PathConstraint[] | undefined {
  if (list === undefined) return undefined
  return list
    .split(',')
    .filter((word) => word !== '')
    .map((word) => {
      const found = PATH_CONSTRAINTS.find((name) => name === word)
      if (found === undefined)
        throw new AivError('E_USAGE', `"${word}" is none of ${PATH_CONSTRAINTS.join(', ')}`)
      return found
    })
}

/** Hops as packets need them: each waits an exponential time, the last delivers. */
export function hopFields(
  path: readonly MixNode[],
  directory: MixDirectory,
  random: RandomSource,
): readonly Fields[] {
  const meanMs = directory.parameters.hopDelayUs / 1000
  return path.map((node, i) => ({
    id: node.id,
    public_key: mixKeyOf(node, directory.epoch),
    ...(i < path.length - 1 ? { delay_ms: sampleDelayMs(random, meanMs) } : {}),
    address: node.addresses[0],
  }))
}

export function claimFields({ directory, epoch, counter, publicKey, proof, nodes }: PathProof): Fields {
  return { directory, epoch, counter, public_key: publicKey, proof, nodes }
}

export function pathText(path: readonly MixNode[]): string {
  return path.map((node) => `${toHex(node.id)}  ${node.addresses[0]}`).join('\n')
}

/**
 * The claim in what `path new --json` printed.
 * @throws AivError `E_INPUT`
 */
export async function readClaim(file: string | undefined): Promise<PathProof> {
  try {
    const document = jsonDocument(await readInput(file, { maxBytes: CLAIM_MOST }))
    const claim = new FieldReader(document, 'json', 'the file').object('claim')
    const nodes = claim
      .list('nodes', 0, HOPS_MOST)
      .map((node) => new FieldReader({ node }, 'json', 'the claim').bytes('node', KEY_BYTES))
    return {
      directory: claim.bytes('directory', KEY_BYTES),
      epoch: claim.integer('epoch', 0, Number.MAX_SAFE_INTEGER),
      counter: claim.integer('counter', 0, Number.MAX_SAFE_INTEGER),
      publicKey: claim.bytes('public_key', KEY_BYTES),
      proof: claim.bytes('proof', PROOF_BYTES),
      nodes,
    }
  } catch (error) {
    if (!isAivError(error, 'E_MALFORMED')) throw error
    throw new AivError('E_INPUT', `this is no proven path: ${error.message}`, {
      hint: 'It is what aiv mix path new --key FILE --counter N --json prints.',
      cause: error,
    })
  }
}
