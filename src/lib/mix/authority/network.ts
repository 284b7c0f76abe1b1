/** What all authorities of a network have agreed on beforehand: who they are, and the rules of the directories they make. */
import { AivError, type CborMap, encodeCbor, equal, isAivError } from '../../core/index.ts'
import { blake2b256 } from '../../crypto/index.ts'
import { KEY_BYTES, MAX_EPOCH_LENGTH_S, MIN_EPOCH_LENGTH_S } from '../directory/constants.ts'
import { readRules, rulesFields } from '../directory/directory-codec.ts'
import type { MixDirectory } from '../directory/document.ts'
import { openDocument } from '../directory/document-form.ts'
import { type FieldReader, malformed } from '../directory/field-reader.ts'

const MAX_AUTHORITIES = 32
const MAX_NETWORK_BYTES = 65_536
const URL = /^https?:\/\/[!-~]{1,500}$/

export interface Authority {
  /** Ed25519, 32 bytes: signs messages and directories. */
  readonly identityKey: Uint8Array
  /** ristretto255, 32 bytes: receives shares of the others' secrets. */
  readonly sharingKey: Uint8Array
  /** Where the others and clients reach it. */
  readonly url: string
}

export interface AuthorityNetwork {
  readonly authorities: readonly Authority[]
  /**
   * Signatures that make a directory valid. With f dishonest authorities of n it must be more than (n + f) / 2, so that no two
   * directories of an epoch can be valid, and at most n - f, so that there is one.
   */
  readonly threshold: number
  readonly epochLengthS: number
  readonly geometry: MixDirectory['geometry']
  readonly parameters: MixDirectory['parameters']
  readonly topology: MixDirectory['topology']
}

/**
 * Reads the file that all authorities, nodes and clients of a network share.
 * @throws AivError `E_INPUT`
 */
export function parseNetwork(content: Uint8Array): AuthorityNetwork {
  try {
    return readNetwork(openDocument(content, 'the network', { maxBytes: MAX_NETWORK_BYTES, maxItems: 1024 }))
  } catch (error) {
    if (!isAivError(error, 'E_MALFORMED') && !isAivError(error, 'E_TOO_LARGE')) throw error
    throw new AivError('E_INPUT', `this is no description of a network: ${error.message}`, { cause: error })
  }
}

function readNetwork(reader: FieldReader): AuthorityNetwork {
  reader.integer('version', 1, 1)
  const authorities = reader
    .list('authorities', 1, MAX_AUTHORITIES)
    .map((value) => readAuthority(reader.element(value, 'an authority')))
  const network = {
    authorities,
    threshold: reader.integer('threshold', Math.floor(authorities.length / 2) + 1, authorities.length),
    epochLengthS: reader.integer('epoch_length_s', MIN_EPOCH_LENGTH_S, MAX_EPOCH_LENGTH_S),
    ...readRules(reader),
  }
  reader.finish()
  if (hasTwins(authorities)) throw malformed('an authority is there twice')
  return network
}

function readAuthority(reader: FieldReader): Authority {
  const authority = {
    identityKey: reader.bytes('identity_key', KEY_BYTES),
    sharingKey: reader.bytes('sharing_key', KEY_BYTES),
    url: reader.text('url', URL),
  }
  reader.finish()
  return authority
}

function hasTwins(authorities: readonly Authority[]): boolean {
  return authorities.some((a, i) =>
    authorities
      .slice(0, i)
      .some((b) => equal(a.identityKey, b.identityKey) || equal(a.sharingKey, b.sharingKey)),
  )
}

export function networkFields(network: AuthorityNetwork): CborMap {
  return {
    version: 1,
    authorities: network.authorities.map(({ identityKey, sharingKey, url }) => ({
      identity_key: identityKey,
      sharing_key: sharingKey,
      url,
    })),
    threshold: network.threshold,
    epoch_length_s: network.epochLengthS,
    ...rulesFields(network),
  }
}

/** 32 bytes: two authorities with other rules do not count each other's votes. One may move to another URL. */
export function networkHash(network: AuthorityNetwork): Uint8Array {
  const authorities = network.authorities.map((authority) => ({ ...authority, url: '' }))
  return blake2b256(encodeCbor(networkFields({ ...network, authorities })))
}
