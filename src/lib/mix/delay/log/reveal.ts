/**
 * What a mix publishes about an epoch when its keys are gone: the seed of its delays with the proof, and the whole log.
 *
 *     u32 length | header, deterministic CBOR | Ed25519 signature over label and header | lines of 72 bytes, sorted by id
 */
import {
  AivError,
  type CborMap,
  concat,
  decodeCbor,
  encodeCbor,
  isCborMap,
  u32,
  utf8,
} from '../../../core/index.ts'
import { type Ed25519KeyPair, ed25519, VRF_OUTPUT_BYTES, VRF_PROOF_BYTES } from '../../../crypto/index.ts'
import type { DelaySeed } from '../epoch-seed.ts'
import type { DelayLog } from './delay-log.ts'

const SIGNED_LABEL = utf8('aiv-mix-delay-reveal-v1')
const TYPE = 'aiv-mix-delay-reveal'
const VERSION = 1
const HASH_BYTES = 32

/** A header takes about 350 bytes. */
export const MOST_HEADER_BYTES = 1_024
export const SIGNATURE_BYTES = 64

export interface RevealHeader {
  /** 32 bytes. */
  readonly node: Uint8Array
  readonly epoch: number
  readonly seed: DelaySeed
  /** Lines that follow. */
  readonly count: number
  /** Merkle tree hash of the lines, 32 bytes. */
  readonly root: Uint8Array
}

/** Everything before the lines. */
export function signReveal(identity: Ed25519KeyPair, reveal: RevealHeader): Uint8Array {
  const header = encodeCbor({
    type: TYPE,
    v: VERSION,
    node: reveal.node,
    epoch: reveal.epoch,
    beta: reveal.seed.beta,
    proof: reveal.seed.proof,
    count: reveal.count,
    root: reveal.root,
  })
  return concat(u32(header.length), header, identity.sign(concat(SIGNED_LABEL, header)))
}

/** The bytes of the document, in parts. Seals the log. */
export function* writeReveal(
  identity: Ed25519KeyPair,
  reveal: Pick<RevealHeader, 'node' | 'epoch' | 'seed'>,
  log: DelayLog,
): Generator<Uint8Array> {
  yield signReveal(identity, { ...reveal, ...log.seal() })
  yield* log.leaves()
}

/**
 * Parses the header.
 * @throws AivError `E_MALFORMED`
 */
export function parseRevealHeader(header: Uint8Array): RevealHeader {
  const map = decodeCbor(header)
  if (!isCborMap(map) || map.type !== TYPE || map.v !== VERSION)
    throw new AivError('E_MALFORMED', 'not a document of revealed delays, or of another version')
  const found: RevealHeader = {
    node: bytesOf(map, 'node', HASH_BYTES),
    epoch: integerOf(map, 'epoch'),
    seed: { beta: bytesOf(map, 'beta', VRF_OUTPUT_BYTES), proof: bytesOf(map, 'proof', VRF_PROOF_BYTES) },
    count: integerOf(map, 'count'),
    root: bytesOf(map, 'root', HASH_BYTES),
  }
  return found
}

export function verifyRevealSignature(
  identityKey: Uint8Array,
  header: Uint8Array,
  signature: Uint8Array,
): boolean {
  return ed25519.verify(identityKey, concat(SIGNED_LABEL, header), signature)
}

function bytesOf(map: CborMap, key: string, length: number): Uint8Array {
  const value = Object.hasOwn(map, key) ? map[key] : undefined
  if (value instanceof Uint8Array && value.length === length) return value
  throw new AivError('E_MALFORMED', `the revealed "${key}" is not ${length} bytes`)
}

function integerOf(map: CborMap, key: string): number {
  const value = Object.hasOwn(map, key) ? map[key] : undefined
  if (typeof value === 'number' && value >= 0) return value
  throw new AivError('E_MALFORMED', `the revealed "${key}" is not a number`)
}
