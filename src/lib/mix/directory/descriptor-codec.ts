/** Descriptors as fields, as signed bytes, and back. */
import {
  AivError,
  type CborMap,
  type CborValue,
  compare,
  concat,
  encodeCbor,
  utf8,
} from '../../core/index.ts'
import { type Ed25519KeyPair, ed25519 } from '../../crypto/index.ts'
import {
  DESCRIPTOR_DOMAIN,
  DOCUMENT_VERSION,
  KEY_BYTES,
  MAX_ADDRESS_CHARACTERS,
  MAX_ADDRESSES,
  MAX_DESCRIPTOR_BYTES,
  MAX_LIFETIME_S,
  MAX_MEAN_US,
  MAX_MIX_KEYS,
  MAX_WEIGHT,
  SIGNATURE_BYTES,
} from './constants.ts'
import {
  DELAY_MODES,
  MIX_ROLES,
  type MixKeyEntry,
  type MixNodeDescriptor,
  nodeIdOf,
  type SignedDescriptor,
} from './document.ts'
import { documentJson, openDocument } from './document-form.ts'
import { type FieldReader, malformed } from './field-reader.ts'

const URI = new RegExp(`^(?=.{1,${MAX_ADDRESS_CHARACTERS}}$)[a-z][a-z0-9+.-]*://[!-~]+$`)
const FAMILY = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const COUNTRY = /^[a-z]{2}$/
const MAX_AS = 2 ** 32 - 1
/** As JSON it may be four times as long as the limit for CBOR. */
const DESCRIPTOR_BOUNDS = { maxBytes: 4 * MAX_DESCRIPTOR_BYTES, maxItems: 256 } as const

/** What a node states; its id follows from the identity key. */
export type DescriptorStatement = Omit<MixNodeDescriptor, 'id'>

/** The fields that are signed, the same in CBOR and in JSON. */
export function descriptorFields(node: DescriptorStatement): CborMap {
  return {
    version: DOCUMENT_VERSION,
    identity_key: node.identityKey,
    vrf_key: node.vrfKey,
    mix_keys: node.mixKeys.map(({ epoch, publicKey }) => ({ epoch, public_key: publicKey })),
    addresses: node.addresses,
    weight: node.weight,
    role: node.role,
    delay: { mode: node.delay.mode, mean_us: node.delay.meanUs },
    valid_from: node.validFrom,
    valid_until: node.validUntil,
    ...present('family', node.family),
    ...present('as', node.as),
    ...present('country', node.country),
  }
}

function present(name: string, value: CborValue | undefined): CborMap {
  return value === undefined ? {} : { [name]: value }
}

/**
 * Takes the fields of a descriptor out of a reader that may hold more.
 * @throws AivError `E_MALFORMED`
 */
export function readDescriptor(reader: FieldReader): SignedDescriptor {
  reader.integer('version', DOCUMENT_VERSION, DOCUMENT_VERSION)
  const identityKey = reader.bytes('identity_key', KEY_BYTES)
  const delay = reader.object('delay')
  const node: SignedDescriptor = {
    id: nodeIdOf(identityKey),
    identityKey,
    vrfKey: reader.bytes('vrf_key', KEY_BYTES),
    mixKeys: readMixKeys(reader),
    addresses: readAddresses(reader),
    weight: reader.integer('weight', 1, MAX_WEIGHT),
    family: reader.has('family') ? reader.text('family', FAMILY) : undefined,
    as: reader.has('as') ? reader.integer('as', 1, MAX_AS) : undefined,
    country: reader.has('country') ? reader.text('country', COUNTRY) : undefined,
    role: reader.oneOf('role', MIX_ROLES),
    delay: { mode: delay.oneOf('mode', DELAY_MODES), meanUs: delay.integer('mean_us', 1, MAX_MEAN_US) },
    ...readValidity(reader),
    signature: reader.bytes('signature', SIGNATURE_BYTES),
  }
  delay.finish()
  if (encodeCbor(descriptorFields(node)).length > MAX_DESCRIPTOR_BYTES)
    throw malformed('a descriptor is too long')
  return node
}

function readMixKeys(reader: FieldReader): MixKeyEntry[] {
  const keys = reader.list('mix_keys', 1, MAX_MIX_KEYS).map((value) => {
    const entry = reader.element(value, 'a mix key')
    const key = {
      epoch: entry.integer('epoch', 0, Number.MAX_SAFE_INTEGER),
      publicKey: entry.bytes('public_key', KEY_BYTES),
    }
    entry.finish()
    return key
  })
  for (let i = 1; i < keys.length; i++)
    if ((keys[i - 1] as MixKeyEntry).epoch >= (keys[i] as MixKeyEntry).epoch)
      throw malformed('mix keys are not in the order of their epochs')
  return keys
}

function readAddresses(reader: FieldReader): string[] {
  return reader.list('addresses', 1, MAX_ADDRESSES).map((address) => {
    if (typeof address !== 'string' || !URI.test(address)) throw malformed('an address is not a URI')
    return address
  })
}

/** @throws AivError `E_MALFORMED` when the end is not after the beginning, or too far from it */
export function readValidity(reader: FieldReader): { validFrom: number; validUntil: number } {
  const validFrom = reader.integer('valid_from', 0, Number.MAX_SAFE_INTEGER)
  const validUntil = reader.integer('valid_until', validFrom + 1, validFrom + MAX_LIFETIME_S)
  return { validFrom, validUntil }
}

/** The domain and the fields: the message of the node's signature. */
function descriptorMessage(node: DescriptorStatement): Uint8Array {
  return concat(utf8(DESCRIPTOR_DOMAIN), encodeCbor(descriptorFields(node)))
}

/** The fields with the signature. */
export function signedFields(node: SignedDescriptor): CborMap {
  return { ...descriptorFields(node), signature: node.signature }
}

/**
 * Signs what a node states of itself.
 * @throws AivError `E_INPUT` for a statement that no reader would take
 */
export function signDescriptor(
  statement: Omit<DescriptorStatement, 'identityKey'>,
  identity: Ed25519KeyPair,
): SignedDescriptor {
  const node = { ...statement, identityKey: identity.publicKey }
  const signature = identity.sign(descriptorMessage(node))
  try {
    return parseDescriptor(encodeCbor({ ...descriptorFields(node), signature }))
  } catch (cause) {
    throw new AivError('E_INPUT', `the descriptor cannot be published: ${messageOf(cause)}`, { cause })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Whether the node itself has signed its descriptor. */
export function isGenuineDescriptor(node: SignedDescriptor): boolean {
  return ed25519.verify(node.identityKey, descriptorMessage(node), node.signature)
}

/** Canonical bytes, signature included. */
export function encodeDescriptor(node: SignedDescriptor): Uint8Array {
  return encodeCbor(signedFields(node))
}

/** Indented JSON with bytes as lower-case hex. */
export function descriptorJson(node: SignedDescriptor): string {
  return documentJson(signedFields(node))
}

/**
 * Reads either form; the signature is not looked at.
 * @throws AivError `E_MALFORMED`, `E_TOO_LARGE`
 */
export function parseDescriptor(content: Uint8Array): SignedDescriptor {
  const reader = openDocument(content, 'the descriptor', DESCRIPTOR_BOUNDS)
  const node = readDescriptor(reader)
  reader.finish()
  return node
}

/** Order of nodes in a directory. */
export function byId(a: MixNodeDescriptor, b: MixNodeDescriptor): number {
  return compare(a.id, b.id)
}
