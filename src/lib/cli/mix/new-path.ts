/** The work of `mix path new`. */
import { AivError } from '../../core/index.ts'
import { erase, loadEcvrf, systemRandom, VRF_OUTPUT_BYTES } from '../../crypto/index.ts'
import {
  choosePath,
  directoryHash,
  type MixDirectory,
  type MixNode,
  type PathOptions,
  type PathProof,
  provePath,
} from '../../mix/index.ts'
import type { Logger } from '../logger.ts'
import type { Fields } from '../output.ts'
import { nodeOf, readDirectory } from './directory/files.ts'
import { claimFields, hopFields, parseConstraints } from './path-claim.ts'
import { type KeyFlags, readVrfSeed } from './vrf-key.ts'

export interface PathFlags extends KeyFlags {
  readonly distinct?: string | undefined
  readonly counter?: number | undefined
  readonly hops?: number | undefined
  readonly provider?: string | undefined
}

/** @throws AivError `E_USAGE` for a path that is longer than packets allow, and as `choosePath` */
export async function newPath(
  file: string | undefined,
  flags: PathFlags,
  logger: Logger,
  signal: AbortSignal,
): Promise<{ readonly path: readonly MixNode[]; readonly document: Fields }> {
  const directory = await readDirectory(file)
  const provider = flags.provider === undefined ? [] : [nodeOf(directory, flags.provider)]
  const options: PathOptions = {
    hops: flags.hops,
    constraints: parseConstraints(flags.distinct),
    besides: provider,
  }
  const chosen = await choose(directory, flags, options, logger, signal)
  const path = [...chosen.path, ...provider]
  if (path.length > directory.geometry.hops)
    throw new AivError(
      'E_USAGE',
      `packets of this network take ${directory.geometry.hops} hops, not ${path.length}`,
      {
        hint: 'Use --hops for a shorter path, or a network with larger headers.',
      },
    )
  return {
    path,
    document: {
      directory: directoryHash(directory),
      epoch: directory.epoch,
      hops: hopFields(path, directory, systemRandom),
      ...(chosen.proof === undefined ? {} : { claim: claimFields(chosen.proof) }),
    },
  }
}

async function choose(
  directory: MixDirectory,
  flags: PathFlags,
  options: PathOptions,
  logger: Logger,
  signal: AbortSignal,
): Promise<{ readonly path: readonly MixNode[]; readonly proof?: PathProof }> {
  if (flags.counter === undefined) {
    if (flags.key !== undefined)
      throw new AivError('E_USAGE', 'a path that is proved needs --counter', {
        hint: 'Without --key it is drawn from fresh randomness.',
      })
    return { path: choosePath(directory, systemRandom.bytes(VRF_OUTPUT_BYTES), options) }
  }
  const seed = await readVrfSeed(flags, logger, signal)
  try {
    return provePath(await loadEcvrf(), directory, seed, flags.counter, options)
  } finally {
    erase(seed)
  }
}
