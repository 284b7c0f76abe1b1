/** Flags that commands about packets share. */
import * as Flags from '@oclif/core/flags'
import type { Geometry } from '../../../sphinx/index.ts'
import { newFileFlags } from '../../key/flags.ts'

/** As the sphinx area has them; spelled out so that help does not load it. */
const FORMATS = ['kem', 'nike'] as const
const PRFS = ['sha256-v1', 'blake2b-xof'] as const

export const geometryFlags = {
  format: Flags.option({ options: FORMATS, summary: 'format of the packets; default kem' })(),
  prf: Flags.option({ options: PRFS, summary: 'how the KEM derives a secret; default sha256-v1' })(),
  hops: Flags.integer({ summary: 'longest path; default 3', min: 1, max: 16 }),
  'packet-bytes': Flags.integer({
    summary: 'size of a packet; default 2048',
    min: 1,
    exclusive: ['payload-bytes'],
  }),
  'payload-bytes': Flags.integer({ summary: 'size of what a packet carries, in place of that', min: 1 }),
}

export interface GeometryFlags {
  readonly format?: (typeof FORMATS)[number] | undefined
  readonly prf?: (typeof PRFS)[number] | undefined
  readonly hops?: number | undefined
  readonly 'packet-bytes'?: number | undefined
  readonly 'payload-bytes'?: number | undefined
}

/** @throws AivError `E_USAGE` when the sizes do not go together */
export async function geometryOf(flags: GeometryFlags): Promise<Geometry> {
  const { makeGeometry } = await import('../../../sphinx/index.ts')
  const { format, prf, hops } = flags
  const sizes = { packetBytes: flags['packet-bytes'], payloadBytes: flags['payload-bytes'] }
  return makeGeometry({ format, prf, hops, ...sizes })
}

export const outputFlags = {
  out: Flags.string({ summary: 'write the bytes to this file', helpValue: 'FILE' }),
  hex: Flags.boolean({ summary: 'print the bytes as hexadecimal, as a terminal gets them' }),
}

export const rawFlag = Flags.boolean({
  summary: 'the payload as it is, without the frame that gives its length and place for a SURB',
})

/** For commands that make a mix key file. */
export const newMixKeyFlags = {
  ...newFileFlags,
  out: Flags.string({ summary: 'file to write', required: true, helpValue: 'FILE' }),
  identity: Flags.file({ summary: 'identity file of the node whose id the hop has', helpValue: 'FILE' }),
}
