/**
 * What a mix network tells its clients: a descriptor signed by each node, and the directory that puts descriptors, rules and
 * the shared random value of one epoch together, signed by authorities.
 */
import { equal } from '../../core/index.ts'
import { blake2b256 } from '../../crypto/index.ts'
import type { Geometry } from '../../sphinx/index.ts'

/** `provider`: first and last hop of clients, holds their mailboxes. */
export const MIX_ROLES = ['mix', 'provider', 'both'] as const
export type MixRole = (typeof MIX_ROLES)[number]

/** Who chooses how long a packet waits: its sender, the node (checked later by the sender), or both. */
export const DELAY_MODES = ['sender', 'vrf', 'hybrid'] as const
export type DelayMode = (typeof DELAY_MODES)[number]

/** The X25519 key for Sphinx in one epoch. */
export interface MixKeyEntry {
  readonly epoch: number
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

/** What a node says of itself. */
export interface MixNodeDescriptor {
  /** BLAKE2b-256 of `identityKey`. */
  readonly id: Uint8Array
  /** Ed25519, 32 bytes. */
  readonly identityKey: Uint8Array
  /** ECVRF over edwards25519, 32 bytes; published before the random value of the epochs it serves in is known. */
  readonly vrfKey: Uint8Array
  /** By ascending epoch, at least one. */
  readonly mixKeys: readonly MixKeyEntry[]
  /** URIs. */
  readonly addresses: readonly string[]
  /** Relative capacity, a whole number from 1. */
  readonly weight: number
  /** One name for all nodes of one operator. */
  readonly family?: string | undefined
  /** Number of the autonomous system. */
  readonly as?: number | undefined
  /** ISO 3166-1, two lower-case letters. */
  readonly country?: string | undefined
  readonly role: MixRole
  readonly delay: {
    readonly mode: DelayMode
    /** Mean 1/mu of the node's own delay, microseconds; without meaning in mode `sender`. */
    readonly meanUs: number
  }
  /** Unix seconds. */
  readonly validFrom: number
  readonly validUntil: number
}

/** A descriptor with its node's signature. */
export interface SignedDescriptor extends MixNodeDescriptor {
  /** Ed25519 over the domain and the encoded descriptor, 64 bytes. */
  readonly signature: Uint8Array
}

/** A node as the directory lists it. */
export interface MixNode extends SignedDescriptor {
  /** Where it mixes in this epoch, from 0; absent for nodes that do not mix now. */
  readonly layer?: number | undefined
  /** Its proof for the topology of this epoch, 80 bytes; absent where layers are set by hand. */
  readonly topologyProof?: Uint8Array | undefined
}

/** Mean times between events, microseconds; a rate is its inverse. Zero turns a kind of traffic off. */
export interface MixParameters {
  /** 1/mu: mean delay that senders choose for a hop. */
  readonly hopDelayUs: number
  /** 1/lambda_P: real packets of a client, or drops in their place. */
  readonly payloadUs: number
  /** 1/lambda_L: loops of a client. */
  readonly loopUs: number
  /** 1/lambda_D: drops of a client. */
  readonly dropUs: number
  /** 1/lambda_M: loops of a node. */
  readonly mixLoopUs: number
}

export interface MixTopology {
  /** Layers that packets cross. */
  readonly layers: number
  /** How many nodes mix in this epoch, chosen by their proofs; 0 where layers are set by hand. */
  readonly active: number
}

export interface DirectorySignature {
  /** Ed25519, 32 bytes. */
  readonly authority: Uint8Array
  /** 64 bytes over the domain and the encoded directory. */
  readonly signature: Uint8Array
}

export interface MixDirectory {
  readonly version: 1
  /** Whole epochs since the start of unix time; see {@link epochAt}. */
  readonly epoch: number
  readonly epochLengthS: number
  readonly validFrom: number
  readonly validUntil: number
  readonly geometry: Geometry
  readonly parameters: MixParameters
  readonly topology: MixTopology
  /** R_e, 32 bytes, unknown to all before the keys of this epoch were published. */
  readonly sharedRandom: Uint8Array
  /** By ascending id. */
  readonly nodes: readonly MixNode[]
  readonly signatures: readonly DirectorySignature[]
}

/** 32 bytes: the name of a node in packets. */
export function nodeIdOf(identityKey: Uint8Array): Uint8Array {
  return blake2b256(identityKey)
}

/** @param unixS seconds since the start of unix time */
export function epochAt(unixS: number, epochLengthS: number): number {
  return Math.floor(unixS / epochLengthS)
}

export function mixesPackets({ role }: MixNodeDescriptor): boolean {
  return role !== 'provider'
}

/** The node's Sphinx key for an epoch; undefined when it published none. */
export function mixKeyOf(node: MixNodeDescriptor, epoch: number): Uint8Array | undefined {
  return node.mixKeys.find((key) => key.epoch === epoch)?.publicKey
}

export function findNode(directory: MixDirectory, id: Uint8Array): MixNode | undefined {
  return directory.nodes.find((node) => equal(node.id, id))
}
