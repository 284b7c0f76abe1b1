/** The packets of a benchmark: complete ones, of paths of three nodes, of which the first is measured. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { AivError } from '../../core/index.ts'
import { systemRandom } from '../../crypto/index.ts'
import { createPacket, type Geometry, MixKey, type PathHop } from '../../sphinx/index.ts'
import { DELAY_MS } from './constants.ts'

const NODE_ID_BYTES = 32

export interface BenchPath {
  readonly geometry: Geometry
  readonly path: readonly PathHop[]
}

export interface MeasuredNode {
  /** Its mix key, 32 bytes. */
  readonly privateKey: Uint8Array
  /** Id of the node that all packets go on to. */
  readonly nextId: Uint8Array
  readonly bench: BenchPath
}

export function measuredNode(geometry: Geometry): MeasuredNode {
  const keys = Array.from({ length: geometry.hops }, () => MixKey.generate())
  const path = keys.map(({ publicKey }, hop): PathHop => {
    const isLast = hop === geometry.hops - 1
    return {
      id: systemRandom.bytes(NODE_ID_BYTES),
      publicKey,
      commands: isLast
        ? [{ type: 'recipient', id: systemRandom.bytes(NODE_ID_BYTES) }]
        : [{ type: 'delay', ms: DELAY_MS }],
    }
  })
  return {
    privateKey: (keys[0] as MixKey).exportPrivate(),
    nextId: (path[1] as PathHop).id,
    bench: { geometry, path },
  }
}

/** One packet of its own randomness. */
export function benchPacket({ geometry, path }: BenchPath): Uint8Array {
  return createPacket(geometry, path, systemRandom.bytes(geometry.payloadBytes), systemRandom)
}

export interface PacketJob {
  readonly bench: BenchPath
  readonly count: number
}

/** Runs from the sources (Node strips types) as well as compiled; the suffix of this module says which. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './packets-entry.ts' : './packets-entry.js',
  import.meta.url,
)

/** Creates packets in threads, one a core, before anything is measured. */
export async function createBenchPackets(bench: BenchPath, count: number): Promise<readonly Uint8Array[]> {
  const threads = Math.min(availableParallelism(), count)
  const shares = await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const share = Math.floor(((thread + 1) * count) / threads) - Math.floor((thread * count) / threads)
      return createInThread({ bench, count: share })
    }),
  )
  return shares.flatMap((share) => {
    const { packetBytes } = bench.geometry
    return Array.from({ length: share.length / packetBytes }, (_, at) =>
      share.subarray(at * packetBytes, (at + 1) * packetBytes),
    )
  })
}

function createInThread(job: PacketJob): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(ENTRY, { workerData: job, execArgv: [] })
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', () => reject(new AivError('E_INTERNAL', 'a thread made no packets')))
  })
}
