/** Who stands behind a directory: signatures of nodes, of authorities, and whether it is of now. */
import { AivError, equal, toHex } from '../../core/index.ts'
import { type Ed25519KeyPair, ed25519, type X25519KeyPair, x25519 } from '../../crypto/index.ts'
import { KEY_BYTES } from './constants.ts'
import { isGenuineDescriptor } from './descriptor-codec.ts'
import {
  type DirectoryStatement,
  directoryMessage,
  encodeDirectory,
  parseDirectory,
} from './directory-codec.ts'
import {
  type DirectorySignature,
  type MixDirectory,
  type MixNode,
  mixesPackets,
  mixKeyOf,
  type SignedDescriptor,
} from './document.ts'

/** Whom a client believes. */
export interface DirectoryTrust {
  /** Ed25519 keys of the authorities, known beforehand. */
  readonly authorities: readonly Uint8Array[]
  /** So many of them must have signed; 0 only for a file that is itself trusted. */
  readonly threshold: number
}

export interface DirectoryVerdict {
  /** Known authorities whose signatures hold, each once. */
  readonly signers: readonly Uint8Array[]
  /** Why the directory must not be used; empty when it may. */
  readonly problems: readonly string[]
}

/**
 * Checks all signatures and times. The proofs of a topology are checked by `topologyProblems`.
 * @param nowS unix seconds
 * @throws AivError `E_USAGE` when the trust makes no sense
 */
export function verifyDirectory(
  directory: MixDirectory,
  trust: DirectoryTrust,
  nowS: number,
): DirectoryVerdict {
  requireSensible(trust)
  const signers = signersOf(directory, trust.authorities)
  const problems = [...timeProblems(directory, nowS)]
  if (signers.length < trust.threshold)
    problems.push(`${signers.length} of ${trust.threshold} authorities needed have signed it`)
  const check = descriptorChecker(directory)
  for (const node of directory.nodes)
    for (const problem of [...check(node), ...placeProblems(node)])
      problems.push(`node ${shortId(node.id)}: ${problem}`)
  return { signers, problems }
}

/**
 * Signs a directory by one authority; other signatures stay.
 * @throws AivError `E_INPUT` for a statement that no reader would take
 */
export function signDirectory(
  directory: DirectoryStatement & { readonly signatures?: readonly DirectorySignature[] },
  authority: Ed25519KeyPair,
): MixDirectory {
  const signature = authority.sign(directoryMessage(directory))
  const others = (directory.signatures ?? []).filter((each) => !equal(each.authority, authority.publicKey))
  return checkedDirectory({
    ...directory,
    signatures: [...others, { authority: authority.publicKey, signature }],
  })
}

/**
 * The directory as every reader will see it.
 * @throws AivError `E_INPUT` when no reader would take it
 */
export function checkedDirectory(directory: MixDirectory): MixDirectory {
  try {
    return parseDirectory(encodeDirectory(directory))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new AivError('E_INPUT', `the directory cannot be published: ${why}`, { cause })
  }
}

function requireSensible({ authorities, threshold }: DirectoryTrust): void {
  const distinct = new Set(authorities.map(toHex)).size
  if (!Number.isSafeInteger(threshold) || threshold < 0 || threshold > distinct)
    throw new AivError('E_USAGE', `${threshold} of ${distinct} authorities cannot be asked for`)
  if (threshold === 0 && distinct > 0)
    throw new AivError('E_USAGE', 'a threshold of 0 would not look at the authorities')
}

function signersOf(directory: MixDirectory, authorities: readonly Uint8Array[]): Uint8Array[] {
  const message = directoryMessage(directory)
  const found = new Map<string, Uint8Array>()
  for (const { authority, signature } of directory.signatures) {
    // One authority that signs twice is still one.
    if (found.has(toHex(authority)) || !authorities.some((known) => equal(known, authority))) continue
    if (ed25519.verify(authority, message, signature)) found.set(toHex(authority), authority)
  }
  return [...found.values()]
}

function* timeProblems({ validFrom, validUntil }: MixDirectory, nowS: number): Generator<string> {
  if (nowS < validFrom) yield 'it is not valid yet'
  if (nowS >= validUntil) yield 'it is no longer valid'
}

/** The epoch that descriptors are to serve in. */
export type ServedEpoch = Pick<MixDirectory, 'epoch' | 'validFrom' | 'validUntil'>

/** What is wrong with descriptors for an epoch; nothing when they may serve in it. */
export function descriptorChecker(served: ServedEpoch): (node: SignedDescriptor) => readonly string[] {
  const probe = x25519.fromPrivate(new Uint8Array(KEY_BYTES).fill(1))
  return (node) => [...descriptorProblems(node, served, probe)]
}

function* descriptorProblems(
  node: SignedDescriptor,
  { epoch, validFrom, validUntil }: ServedEpoch,
  probe: X25519KeyPair,
): Generator<string> {
  if (!isGenuineDescriptor(node)) yield 'its own signature does not hold'
  if (node.validFrom > validFrom || node.validUntil < validUntil)
    yield 'its descriptor does not cover the time of the directory'
  if (mixKeyOf(node, epoch) === undefined) yield `it has no mix key for epoch ${epoch}`
  if (node.mixKeys.some(({ publicKey }) => isLowOrder(probe, publicKey))) yield 'a mix key is of low order'
}

function placeProblems(node: MixNode): readonly string[] {
  return node.layer !== undefined && !mixesPackets(node) ? ['it is a provider and stands in a layer'] : []
}

/** Such a key would make every packet for the node readable by anybody. */
function isLowOrder(probe: X25519KeyPair, publicKey: Uint8Array): boolean {
  try {
    probe.sharedSecret(publicKey)
    return false
  } catch {
    return true
  }
}

function shortId(id: Uint8Array): string {
  return toHex(id.subarray(0, 4))
}
