/** What one packet costs in one thread: what a worker does with it, without rings and threads; and its creation. */
import { getHeapStatistics } from 'node:v8'
import type { Sample } from '../../bench/index.ts'
import { AivError, type Clock } from '../../core/index.ts'
import { systemRandom } from '../../crypto/index.ts'
import { loadSphinxKernel, MixKey, PacketUnwrapper, UNWRAP_STATUS } from '../../sphinx/index.ts'
import { delayOf } from '../delay/index.ts'
import { allocateSlots, PacketSlots } from '../node/memory/packet-slots.ts'
import { SlotProcessor } from '../node/worker/slot-processor.ts'
import { FILTER_SECRET_BYTES, ReplayFilter } from '../replay/index.ts'
import { FILTER_BYTES, WARM_UP_PACKETS } from './constants.ts'
import { type BenchPath, benchPacket, type MeasuredNode } from './packets.ts'

/** Milliseconds of each creation. */
export function timeCreation(clock: Clock, bench: BenchPath, count: number): Sample {
  for (let i = 0; i < WARM_UP_PACKETS; i++) benchPacket(bench)
  const values = Array.from({ length: count }, () => {
    const beganMs = clock.now()
    benchPacket(bench)
    return clock.now() - beganMs
  })
  return { values, fields: { hops: bench.path.length } }
}

/**
 * Milliseconds of opening each packet, its MAC and replay check included.
 * @param packets more than the warm-up, all different, for the measured node
 * @throws AivError `E_INTERNAL` when a packet is not to be forwarded
 */
export function timeProcessing(
  clock: Clock,
  { bench: { geometry }, privateKey }: MeasuredNode,
  packets: readonly Uint8Array[],
): Sample {
  const slots = new PacketSlots(allocateSlots(1, geometry.packetBytes))
  const unwrapper = new PacketUnwrapper(geometry, loadSphinxKernel(geometry))
  unwrapper.setKeys([MixKey.fromPrivate(privateKey)])
  const processor = new SlotProcessor({ slots, worker: 0, unwrapper, isProvider: false })
  const secret = systemRandom.bytes(FILTER_SECRET_BYTES)
  const filter = new ReplayFilter({ bytes: FILTER_BYTES, workers: 1, journalTags: 0, secret })
  const none = new Uint8Array(0)
  processor.setKeys([
    {
      epoch: 1,
      filter,
      isDrawn: false,
      delayOf: (commandMs, tau) => delayOf('sender', commandMs, none, tau, 0),
    },
  ])
  const times = new Float64Array(packets.length)
  const open = (at: number): void => {
    slots.packet(0).set(packets[at] as Uint8Array)
    const beganMs = clock.now()
    processor.process(0)
    times[at] = clock.now() - beganMs
    if (slots.status(0) !== UNWRAP_STATUS.forward)
      throw new AivError('E_INTERNAL', 'a packet of the benchmark was dropped')
  }
  for (let at = 0; at < WARM_UP_PACKETS; at++) open(at)
  const before = allocatedBytes()
  for (let at = WARM_UP_PACKETS; at < packets.length; at++) open(at)
  const measured = packets.length - WARM_UP_PACKETS
  const bytesPerPacket = (allocatedBytes() - before) / measured
  return { values: [...times.subarray(WARM_UP_PACKETS)], fields: { allocatedBytesPerPacket: bytesPerPacket } }
}

/** JavaScript objects only: memory outside the heap is not counted. Absent before Node 26, then no number. */
function allocatedBytes(): number {
  const statistics: Readonly<Record<string, number>> = { ...getHeapStatistics() }
  return statistics.total_allocated_bytes ?? Number.NaN
}
