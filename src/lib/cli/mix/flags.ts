/** Flags that several commands of the mixnet share. */
import * as Flags from '@oclif/core/flags'
import { passphraseFlags } from '../io/passphrase.ts'

export const vrfSuiteFlag = {
  suite: Flags.option({
    options: ['tai', 'ell2'] as const,
    summary: 'cipher suite of RFC 9381: ECVRF-EDWARDS25519-SHA512-TAI or -ELL2',
    default: 'tai',
  })(),
}

export const alphaFlag = {
  alpha: Flags.string({ summary: 'input in hexadecimal, in place of a file', helpValue: 'HEX' }),
}

export const vrfKeyFlags = {
  ...passphraseFlags,
  key: Flags.file({
    summary: 'identity file, or a file with a seed of 32 bytes (default identity.json in the config folder)',
    helpValue: 'FILE',
  }),
}

/** The packets of a network. */
export const packetFlags = {
  format: Flags.option({ options: ['kem', 'nike'] as const, summary: 'packet format', default: 'kem' })(),
  prf: Flags.option({
    options: ['sha256-v1', 'blake2b-xof'] as const,
    summary: 'key derivation of format kem',
    default: 'sha256-v1',
  })(),
  hops: Flags.integer({ summary: 'longest path of a packet; default 3', min: 1 }),
  'packet-bytes': Flags.integer({ summary: 'size of a packet; default 2048', min: 1 }),
}

/** What a descriptor says of a node and its operator. */
export const roleFlags = {
  role: Flags.option({
    options: ['mix', 'provider', 'both'] as const,
    summary: 'what the node does',
    default: 'mix',
  })(),
  weight: Flags.integer({ summary: 'capacity relative to other nodes', default: 1, min: 1 }),
  family: Flags.string({ summary: 'one name for all nodes of one operator', helpValue: 'NAME' }),
  as: Flags.integer({ summary: 'number of the autonomous system', min: 1 }),
  country: Flags.string({ summary: 'two letters of ISO 3166', helpValue: 'CC' }),
}
