/** What authorities tell each other: CBOR, signed by the sender, bound to one epoch. */
import { AivError, type CborMap, concat, decodeCbor, encodeCbor, isAivError, utf8 } from '../../core/index.ts'
import {
  type Dealing,
  type Ed25519KeyPair,
  ed25519,
  type OpenedShare,
  PVSS_ELEMENT_BYTES,
  sha256,
  VRF_PROOF_BYTES,
} from '../../crypto/index.ts'
import { KEY_BYTES, MAX_NODES, SIGNATURE_BYTES } from '../directory/constants.ts'
import { readDescriptor, signedFields } from '../directory/descriptor-codec.ts'
import type { SignedDescriptor } from '../directory/document.ts'
import { FieldReader } from '../directory/field-reader.ts'

const DOMAIN = 'aiv-mix-authority-v1\0'
const MAX_AUTHORITIES = 32
/** Votes hold descriptors: about 500 bytes each. */
const MAX_MESSAGE_BYTES = 8 * 2 ** 20
const ITEMS_PER_NODE = 160

/** A vote by its sender and the hash of its bytes. */
export interface VoteName {
  readonly authority: number
  readonly hash: Uint8Array
}

export interface NodeProof {
  readonly id: Uint8Array
  /** For the topology, 80 bytes. */
  readonly proof: Uint8Array
}

export interface DealerShare {
  readonly dealer: number
  readonly opened: OpenedShare
}

export type AuthorityStatement =
  | {
      readonly type: 'vote'
      /** Hash of the network's rules. */
      readonly rules: Uint8Array
      readonly descriptors: readonly SignedDescriptor[]
      readonly dealing: Dealing
    }
  | { readonly type: 'ack'; readonly votes: readonly VoteName[] }
  | { readonly type: 'reveal'; readonly secret: Uint8Array }
  | { readonly type: 'shares'; readonly shares: readonly DealerShare[] }
  | { readonly type: 'proofs'; readonly proofs: readonly NodeProof[] }
  | { readonly type: 'sign'; readonly signature: Uint8Array }

export type StatementType = AuthorityStatement['type']
const TYPES = ['vote', 'ack', 'reveal', 'shares', 'proofs', 'sign'] as const satisfies StatementType[]

export interface AuthorityMessage {
  readonly epoch: number
  /** Place of the sender in the network. */
  readonly authority: number
  readonly statement: AuthorityStatement
  /** As they were received, signature included. */
  readonly bytes: Uint8Array
  /** Of the bytes, 32 bytes. */
  readonly hash: Uint8Array
}

/** A message of the authority with that key. */
export function signMessage(
  epoch: number,
  authority: number,
  statement: AuthorityStatement,
  key: Ed25519KeyPair,
): AuthorityMessage {
  const fields = { epoch, authority, type: statement.type, ...statementFields(statement) }
  const signature = key.sign(concat(utf8(DOMAIN), encodeCbor(fields)))
  const bytes = encodeCbor({ ...fields, signature })
  return { epoch, authority, statement, bytes, hash: sha256(bytes) }
}

/**
 * Reads a message and checks its signature.
 * @param keys of the authorities, in their places
 * @returns undefined for anything that is not one of theirs
 */
export function openMessage(bytes: Uint8Array, keys: readonly Uint8Array[]): AuthorityMessage | undefined {
  if (bytes.length > MAX_MESSAGE_BYTES) return undefined
  try {
    const tree = decodeCbor(bytes, { depth: 8, items: MAX_NODES * ITEMS_PER_NODE }) as CborMap
    const reader = new FieldReader(tree, 'cbor', 'the message')
    const signature = reader.bytes('signature', SIGNATURE_BYTES)
    const epoch = reader.integer('epoch', 0, Number.MAX_SAFE_INTEGER)
    const authority = reader.integer('authority', 0, keys.length - 1)
    const { signature: _, ...fields } = tree
    const signed = concat(utf8(DOMAIN), encodeCbor(fields))
    // Before the rest is read: only an authority may make us work.
    if (!ed25519.verify(keys[authority] as Uint8Array, signed, signature)) return undefined
    const statement = readStatement(reader.oneOf('type', TYPES), reader)
    reader.finish()
    return { epoch, authority, statement, bytes, hash: sha256(bytes) }
  } catch (error) {
    if (error instanceof AivError && isUnreadable(error)) return undefined
    throw error
  }
}

function isUnreadable(error: AivError): boolean {
  return isAivError(error, 'E_MALFORMED') || isAivError(error, 'E_TOO_LARGE')
}

function statementFields(statement: AuthorityStatement): CborMap {
  switch (statement.type) {
    case 'vote':
      return {
        rules: statement.rules,
        descriptors: statement.descriptors.map(signedFields),
        dealing: dealingFields(statement.dealing),
      }
    case 'ack':
      return { votes: statement.votes.map(({ authority, hash }) => ({ authority, hash })) }
    case 'reveal':
      return { secret: statement.secret }
    case 'shares':
      return { shares: statement.shares.map(({ dealer, opened }) => ({ dealer, ...shareFields(opened) })) }
    case 'proofs':
      return { proofs: statement.proofs.map(({ id, proof }) => ({ id, proof })) }
    case 'sign':
      return { directory_signature: statement.signature }
  }
}

function dealingFields({ commitments, shares, challenge, responses }: Dealing): CborMap {
  return { commitments, shares, challenge, responses }
}

function shareFields({ index, share, challenge, response }: OpenedShare): CborMap {
  return { index, share, challenge, response }
}

function readStatement(type: StatementType, reader: FieldReader): AuthorityStatement {
  const authority = (from: FieldReader, name: string): number => from.integer(name, 0, MAX_AUTHORITIES - 1)
  switch (type) {
    case 'vote':
      return {
        type,
        rules: reader.bytes('rules', KEY_BYTES),
        descriptors: elements(reader, 'descriptors', MAX_NODES, readDescriptor),
        dealing: readDealing(reader.object('dealing')),
      }
    case 'ack':
      return {
        type,
        votes: elements(reader, 'votes', MAX_AUTHORITIES, (vote) => ({
          authority: authority(vote, 'authority'),
          hash: vote.bytes('hash', KEY_BYTES),
        })),
      }
    case 'reveal':
      return { type, secret: reader.bytes('secret', PVSS_ELEMENT_BYTES) }
    case 'shares':
      return {
        type,
        shares: elements(reader, 'shares', MAX_AUTHORITIES, (share) => ({
          dealer: authority(share, 'dealer'),
          opened: {
            index: authority(share, 'index'),
            share: share.bytes('share', PVSS_ELEMENT_BYTES),
            challenge: share.bytes('challenge', PVSS_ELEMENT_BYTES),
            response: share.bytes('response', PVSS_ELEMENT_BYTES),
          },
        })),
      }
    case 'proofs':
      return {
        type,
        proofs: elements(reader, 'proofs', MAX_NODES, (proof) => ({
          id: proof.bytes('id', KEY_BYTES),
          proof: proof.bytes('proof', VRF_PROOF_BYTES),
        })),
      }
    case 'sign':
      return { type, signature: reader.bytes('directory_signature', SIGNATURE_BYTES) }
  }
}

function readDealing(reader: FieldReader): Dealing {
  const list = (name: string): Uint8Array[] =>
    reader
      .list(name, 1, MAX_AUTHORITIES)
      .map((element) => reader.element({ element }, name).bytes('element', PVSS_ELEMENT_BYTES))
  const dealing = {
    commitments: list('commitments'),
    shares: list('shares'),
    challenge: reader.bytes('challenge', PVSS_ELEMENT_BYTES),
    responses: list('responses'),
  }
  reader.finish()
  return dealing
}

function elements<T>(
  reader: FieldReader,
  name: string,
  most: number,
  read: (element: FieldReader) => T,
): T[] {
  return reader.list(name, 0, most).map((value) => {
    const element = reader.element(value, `an element of ${name}`)
    const result = read(element)
    element.finish()
    return result
  })
}
