/** Static directories: files for small networks, put together by hand. */
import * as Flags from '@oclif/core/flags'
import { AivError, systemClock, unixSeconds } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import {
  byId,
  checkedDirectory,
  epochAt,
  isGenuineDescriptor,
  type MixDirectory,
  type MixNode,
  mixesPackets,
  type SignedDescriptor,
} from '../../../mix/index.ts'
import { type KemPrf, makeGeometry, type PacketFormat } from '../../../sphinx/index.ts'
import { durationFlag } from '../../flags.ts'
import { packetFlags } from '../flags.ts'
import { epochLengthOf } from './descriptor.ts'

const DEFAULT_LAYERS = 3
const SHARED_RANDOM_BYTES = 32
/** Mean times in milliseconds, 0 for off. */
const DEFAULT_MEANS_MS = { hop: 33, payload: 20, loop: 200, drop: 0, 'mix-loop': 1000 } as const

export const assembleFlags = {
  'epoch-length': durationFlag({ summary: 'length of an epoch; default 20m' }),
  layers: Flags.integer({ summary: 'layers that packets cross; default 3', min: 1, max: 16 }),
  ...packetFlags,
  'hop-delay': durationFlag({ summary: 'mean delay that senders choose for a hop; default 33ms' }),
  'payload-every': durationFlag({ summary: 'mean time between packets of a client; default 20ms' }),
  'loop-every': durationFlag({ summary: 'mean time between loops of a client, 0 for none; default 200ms' }),
  'drop-every': durationFlag({ summary: 'mean time between drops of a client, 0 for none; default 0' }),
  'mix-loop-every': durationFlag({ summary: 'mean time between loops of a node, 0 for none; default 1s' }),
}

export type AssembleFlags = {
  readonly [Name in keyof typeof assembleFlags]?: unknown
} & {
  readonly 'epoch-length'?: number | undefined
  readonly layers?: number | undefined
  readonly format: PacketFormat
  readonly prf: KemPrf
  readonly hops?: number | undefined
  readonly 'packet-bytes'?: number | undefined
  readonly 'hop-delay'?: number | undefined
  readonly 'payload-every'?: number | undefined
  readonly 'loop-every'?: number | undefined
  readonly 'drop-every'?: number | undefined
  readonly 'mix-loop-every'?: number | undefined
}

/**
 * A directory of the present epoch; mixes stand in the layers in turn, in the order given.
 * @throws AivError `E_INPUT` for a descriptor that is not genuine, or a node that is there twice
 */
export function assembleDirectory(
  descriptors: readonly SignedDescriptor[],
  flags: AssembleFlags,
): MixDirectory {
  const epochLengthS = epochLengthOf(flags)
  const epoch = epochAt(unixSeconds(systemClock), epochLengthS)
  const nodes = inLayers(descriptors, flags.layers ?? DEFAULT_LAYERS)
  return checkedDirectory({
    version: 1,
    epoch,
    epochLengthS,
    validFrom: epoch * epochLengthS,
    validUntil: (epoch + 1) * epochLengthS,
    ...rulesOf(flags, 0),
    sharedRandom: systemRandom.bytes(SHARED_RANDOM_BYTES),
    nodes: nodes.toSorted(byId),
    signatures: [],
  })
}

/**
 * @param active nodes that mix in an epoch; 0 for all
 * @throws AivError `E_USAGE` for impossible packets
 */
export function rulesOf(
  flags: AssembleFlags,
  active: number,
): Pick<MixDirectory, 'geometry' | 'parameters' | 'topology'> {
  return {
    geometry: makeGeometry({
      format: flags.format,
      prf: flags.prf,
      hops: flags.hops,
      packetBytes: flags['packet-bytes'],
    }),
    parameters: {
      hopDelayUs: meanUs(flags['hop-delay'] ?? DEFAULT_MEANS_MS.hop),
      payloadUs: meanUs(flags['payload-every'] ?? DEFAULT_MEANS_MS.payload),
      loopUs: meanUs(flags['loop-every'] ?? DEFAULT_MEANS_MS.loop),
      dropUs: meanUs(flags['drop-every'] ?? DEFAULT_MEANS_MS.drop),
      mixLoopUs: meanUs(flags['mix-loop-every'] ?? DEFAULT_MEANS_MS['mix-loop']),
    },
    topology: { layers: flags.layers ?? DEFAULT_LAYERS, active },
  }
}

function inLayers(descriptors: readonly SignedDescriptor[], layers: number): MixNode[] {
  let mixes = 0
  return descriptors.map((descriptor, i) => {
    if (!isGenuineDescriptor(descriptor))
      throw new AivError('E_INPUT', `descriptor ${i + 1} is not signed by its node`)
    return { ...descriptor, layer: mixesPackets(descriptor) ? mixes++ % layers : undefined }
  })
}

function meanUs(ms: number): number {
  return Math.round(ms * 1000)
}
