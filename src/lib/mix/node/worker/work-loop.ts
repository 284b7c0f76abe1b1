/** The work of one worker, batch by batch. */
import { BATCH_PACKETS } from '../constants.ts'
import type { RingConsumer } from '../memory/work-ring.ts'
import type { SlotProcessor } from './slot-processor.ts'

/**
 * Works through what is in the ring, at most one batch, and gives it back.
 * @returns packets
 */
export function workBatch(ring: RingConsumer, processor: SlotProcessor): number {
  let count = 0
  for (; count < BATCH_PACKETS; count++) {
    const slot = ring.next()
    if (slot === -1) break
    processor.process(slot)
  }
  ring.finish()
  return count
}
