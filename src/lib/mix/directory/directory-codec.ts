/** Directories as CBOR for the wire, as JSON for people and static files, and back. Both forms carry the same signatures. */
import { type CborMap, concat, encodeCbor, isAivError, utf8 } from '../../core/index.ts'
import { blake2b256, VRF_PROOF_BYTES } from '../../crypto/index.ts'
import { type Geometry, KEM_PRFS, makeGeometry, PACKET_FORMATS } from '../../sphinx/index.ts'
import {
  DIRECTORY_DOMAIN,
  DOCUMENT_VERSION,
  KEY_BYTES,
  MAX_DIRECTORY_BYTES,
  MAX_EPOCH_LENGTH_S,
  MAX_LAYERS,
  MAX_MEAN_US,
  MAX_NODES,
  MAX_SIGNATURES,
  MIN_EPOCH_LENGTH_S,
  SIGNATURE_BYTES,
} from './constants.ts'
import { byId, descriptorFields, readDescriptor, readValidity } from './descriptor-codec.ts'
import type { DirectorySignature, MixDirectory, MixNode, MixParameters } from './document.ts'
import { documentJson, openDocument } from './document-form.ts'
import { type FieldReader, malformed } from './field-reader.ts'

const PARAMETERS = {
  hopDelayUs: 'hop_delay_us',
  payloadUs: 'payload_us',
  loopUs: 'loop_us',
  dropUs: 'drop_us',
  mixLoopUs: 'mix_loop_us',
} as const satisfies Record<keyof MixParameters, string>

const MAX_HOPS_STATED = 255
/** Fields of a node and of all its parts, values and names; the codec's own limit must not be lower than ours. */
const ITEMS_PER_NODE = 160

/** What the authorities state, apart from their signatures. */
export type DirectoryStatement = Omit<MixDirectory, 'signatures'>

/** The domain and the body: the message of every authority's signature. */
export function directoryMessage(directory: DirectoryStatement): Uint8Array {
  return concat(utf8(DIRECTORY_DOMAIN), encodeCbor(directoryFields(directory)))
}

/** 32 bytes that name what is signed, whoever signed it. */
export function directoryHash(directory: DirectoryStatement): Uint8Array {
  return blake2b256(directoryMessage(directory))
}

/** Canonical bytes, signatures included. */
export function encodeDirectory(directory: MixDirectory): Uint8Array {
  return encodeCbor(directoryDocument(directory))
}

/** Indented JSON with bytes as lower-case hex. */
export function directoryJson(directory: MixDirectory): string {
  return documentJson(directoryDocument(directory))
}

/**
 * Reads either form; signatures are not looked at.
 * @throws AivError `E_MALFORMED`, `E_TOO_LARGE`
 */
export function parseDirectory(content: Uint8Array): MixDirectory {
  return readDirectory(
    openDocument(content, 'the directory', {
      maxBytes: MAX_DIRECTORY_BYTES,
      maxItems: MAX_NODES * ITEMS_PER_NODE,
    }),
  )
}

/** The fields of a directory with its signatures, the same in both forms. */
export function directoryDocument(directory: MixDirectory): CborMap {
  const signatures = directory.signatures.map(({ authority, signature }) => ({ authority, signature }))
  return { ...directoryFields(directory), signatures }
}

function directoryFields(directory: DirectoryStatement): CborMap {
  return {
    version: directory.version,
    epoch: directory.epoch,
    epoch_length_s: directory.epochLengthS,
    valid_from: directory.validFrom,
    valid_until: directory.validUntil,
    ...rulesFields(directory),
    shared_random: directory.sharedRandom,
    nodes: directory.nodes.map(nodeFields),
  }
}

/** What stays the same from epoch to epoch. */
export type DirectoryRules = Pick<MixDirectory, 'geometry' | 'parameters' | 'topology'>

export function rulesFields({ geometry, parameters, topology }: DirectoryRules): CborMap {
  return {
    geometry: {
      format: geometry.format,
      prf: geometry.prf,
      hops: geometry.hops,
      packet_bytes: geometry.packetBytes,
    },
    parameters: Object.fromEntries(
      Object.entries(PARAMETERS).map(([key, name]) => [name, parameters[key as keyof MixParameters]]),
    ),
    topology: { layers: topology.layers, active: topology.active },
  }
}

/** @throws AivError `E_MALFORMED` */
export function readRules(reader: FieldReader): DirectoryRules {
  return {
    geometry: readGeometry(reader.object('geometry')),
    parameters: readParameters(reader.object('parameters')),
    topology: readTopology(reader.object('topology')),
  }
}

function nodeFields(node: MixNode): CborMap {
  return {
    ...descriptorFields(node),
    signature: node.signature,
    ...(node.layer === undefined ? {} : { layer: node.layer }),
    ...(node.topologyProof === undefined ? {} : { topology_proof: node.topologyProof }),
  }
}

function readDirectory(reader: FieldReader): MixDirectory {
  reader.integer('version', DOCUMENT_VERSION, DOCUMENT_VERSION)
  const rules = readRules(reader)
  const directory: MixDirectory = {
    version: DOCUMENT_VERSION,
    epoch: reader.integer('epoch', 0, Number.MAX_SAFE_INTEGER),
    epochLengthS: reader.integer('epoch_length_s', MIN_EPOCH_LENGTH_S, MAX_EPOCH_LENGTH_S),
    ...readValidity(reader),
    ...rules,
    sharedRandom: reader.bytes('shared_random', KEY_BYTES),
    nodes: reader
      .list('nodes', 0, MAX_NODES)
      .map((value) => readNode(reader.element(value, 'a node'), rules.topology.layers)),
    signatures: reader
      .list('signatures', 0, MAX_SIGNATURES)
      .map((value) => readSignature(reader.element(value, 'a signature'))),
  }
  reader.finish()
  for (let i = 1; i < directory.nodes.length; i++)
    if (byId(directory.nodes[i - 1] as MixNode, directory.nodes[i] as MixNode) >= 0)
      throw malformed('the nodes are not in the order of their ids, or one is there twice')
  return directory
}

function readGeometry(reader: FieldReader): Geometry {
  const options = {
    format: reader.oneOf('format', PACKET_FORMATS),
    prf: reader.oneOf('prf', KEM_PRFS),
    hops: reader.integer('hops', 1, MAX_HOPS_STATED),
    packetBytes: reader.integer('packet_bytes', 1, Number.MAX_SAFE_INTEGER),
  }
  reader.finish()
  try {
    return makeGeometry(options)
  } catch (error) {
    if (isAivError(error, 'E_USAGE')) throw malformed(`the geometry is impossible: ${error.message}`)
    throw error
  }
}

function readParameters(reader: FieldReader): MixParameters {
  const read = (name: string, least: number): number => reader.integer(name, least, MAX_MEAN_US)
  const parameters = {
    hopDelayUs: read(PARAMETERS.hopDelayUs, 1),
    payloadUs: read(PARAMETERS.payloadUs, 0),
    loopUs: read(PARAMETERS.loopUs, 0),
    dropUs: read(PARAMETERS.dropUs, 0),
    mixLoopUs: read(PARAMETERS.mixLoopUs, 0),
  }
  reader.finish()
  return parameters
}

function readTopology(reader: FieldReader): MixDirectory['topology'] {
  const topology = {
    layers: reader.integer('layers', 1, MAX_LAYERS),
    active: reader.integer('active', 0, MAX_NODES),
  }
  reader.finish()
  return topology
}

function readNode(reader: FieldReader, layers: number): MixNode {
  const node: MixNode = {
    ...readDescriptor(reader),
    layer: reader.has('layer') ? reader.integer('layer', 0, layers - 1) : undefined,
    topologyProof: reader.has('topology_proof') ? reader.bytes('topology_proof', VRF_PROOF_BYTES) : undefined,
  }
  reader.finish()
  return node
}

function readSignature(reader: FieldReader): DirectorySignature {
  const signature = {
    authority: reader.bytes('authority', KEY_BYTES),
    signature: reader.bytes('signature', SIGNATURE_BYTES),
  }
  reader.finish()
  return signature
}
