/** What nodes and clients ask of the authorities of a network. */
import { AivError, encodeCbor, isAivError } from '../../core/index.ts'
import type { Ecvrf } from '../../crypto/index.ts'
import { KEY_BYTES } from '../directory/constants.ts'
import { encodeDescriptor } from '../directory/descriptor-codec.ts'
import { parseDirectory } from '../directory/directory-codec.ts'
import type { MixDirectory, SignedDescriptor } from '../directory/document.ts'
import { openDocument } from '../directory/document-form.ts'
import { verifyDirectory } from '../directory/verify.ts'
import { proveTopology, topologyProblems } from '../topology/active-set.ts'
import type { AuthorityNetwork } from './network.ts'
import { askAuthority, tellAuthority } from './service/http-client.ts'

/** What became of something that was told to each authority. */
export interface Told {
  readonly url: string
  /** Undefined when it was accepted. */
  readonly problem: string | undefined
}

/**
 * The directory of the present or the next epoch, from the first authority that has one that holds.
 * @param nowS unix seconds
 * @throws AivError `E_UNREACHABLE` when none has one, `E_AUTHENTICATION` when none of theirs holds
 */
export async function fetchDirectory(
  ecvrf: Ecvrf,
  network: AuthorityNetwork,
  which: 'current' | 'next',
  nowS: number,
  signal?: AbortSignal,
): Promise<MixDirectory> {
  const trust = {
    authorities: network.authorities.map(({ identityKey }) => identityKey),
    threshold: network.threshold,
  }
  const asOfS = which === 'next' ? nowS + network.epochLengthS : nowS
  let refused: string | undefined
  for (const { url } of network.authorities) {
    const answer = await orUndefined(askAuthority(url, `directory/${which}`, signal))
    if (answer === undefined) continue
    const directory = await orUndefined(Promise.resolve(answer).then(parseDirectory))
    const problems =
      directory === undefined
        ? ['it is no directory']
        : [...verifyDirectory(directory, trust, asOfS).problems, ...topologyProblems(ecvrf, directory)]
    if (directory !== undefined && problems.length === 0) return directory
    refused = `${url}: ${problems[0]}`
  }
  if (refused === undefined) throw new AivError('E_UNREACHABLE', 'no authority has the directory')
  throw new AivError('E_AUTHENTICATION', `no directory holds (${refused})`)
}

/** Tells all authorities what a node says of itself. */
export async function publishDescriptor(
  network: AuthorityNetwork,
  descriptor: SignedDescriptor,
  signal?: AbortSignal,
): Promise<readonly Told[]> {
  const body = encodeDescriptor(descriptor)
  return await Promise.all(
    network.authorities.map(
      async ({ url }) => await told(url, tellAuthority(url, 'descriptor', body, signal)),
    ),
  )
}

/**
 * Shows a node's proof for the topology of an epoch to every authority that has the random value by now.
 * @param seed of the node's VRF key
 */
export async function publishTopologyProof(
  ecvrf: Ecvrf,
  network: AuthorityNetwork,
  node: { readonly id: Uint8Array; readonly seed: Uint8Array },
  epoch: number,
  signal?: AbortSignal,
): Promise<readonly Told[]> {
  const one = async (url: string): Promise<string | undefined> => {
    const answer = await askAuthority(url, `random/${epoch}`, signal)
    if (answer === undefined) return 'it has no random value yet'
    const reader = openDocument(answer, 'the random value', { maxBytes: 1024, maxItems: 8 })
    reader.integer('epoch', epoch, epoch)
    // A false value makes a proof that nobody takes, and tells nothing about the right one.
    const sharedRandom = reader.bytes('shared_random', KEY_BYTES)
    const proof = proveTopology(ecvrf, { epoch, sharedRandom }, node.seed)
    return await tellAuthority(url, 'proof', encodeCbor({ epoch, id: node.id, proof }), signal)
  }
  return await Promise.all(network.authorities.map(async ({ url }) => await told(url, one(url))))
}

async function told(url: string, telling: Promise<string | undefined>): Promise<Told> {
  try {
    return { url, problem: await telling }
  } catch (error) {
    if (error instanceof AivError) return { url, problem: error.message }
    throw error
  }
}

/** An authority that is away, or answers nonsense, is one of several. */
async function orUndefined<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    const isTheirs = ['E_UNREACHABLE', 'E_TOO_LARGE', 'E_MALFORMED'] as const
    if (isTheirs.some((code) => isAivError(error, code))) return undefined
    throw error
  }
}
