/**
 * A worker of a node: opens packets until it is told to stop. It never returns to the event loop in between; orders are read
 * from the port when the ring says that there are some.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { erase } from '../../../crypto/index.ts'
import { loadSphinxKernel, MixKey, PacketUnwrapper } from '../../../sphinx/index.ts'
import { delayOf } from '../../delay/index.ts'
import { ReplayFilter } from '../../replay/index.ts'
import { IDLE_WAIT_MS } from '../constants.ts'
import { PacketSlots } from '../memory/packet-slots.ts'
import { RingConsumer } from '../memory/work-ring.ts'
import type { WorkerKey, WorkerOrder, WorkerReply, WorkerStart } from './protocol.ts'
import { SlotProcessor } from './slot-processor.ts'
import { workBatch } from './work-loop.ts'

const { worker, slots, ring: ringMemory, geometry, isProvider } = workerData as WorkerStart
const port = parentPort as MessagePort
const ring = new RingConsumer(ringMemory)
const unwrapper = new PacketUnwrapper(geometry, loadSphinxKernel(geometry))
const processor = new SlotProcessor({ slots: new PacketSlots(slots), worker, unwrapper, isProvider })

let mixKeys: readonly MixKey[] = []

function takeKeys(keys: readonly WorkerKey[]): void {
  const previous = mixKeys
  mixKeys = keys.map(({ privateKey }) => MixKey.fromPrivate(privateKey))
  unwrapper.setKeys(mixKeys)
  unwrapper.wantTau = keys.some(({ delay }) => delay.mode !== 'sender')
  processor.setKeys(
    keys.map(({ epoch, filter, delay: { mode, betaE, meanUs } }) => ({
      epoch,
      filter: ReplayFilter.attach(filter, worker),
      isDrawn: mode !== 'sender',
      delayOf: (commandMs, tau) => delayOf(mode, commandMs, betaE, tau, meanUs),
    })),
  )
  for (const { privateKey } of keys) erase(privateKey)
  for (const key of previous) key.erase()
}

/** False when the worker is to stop. */
function obey(): boolean {
  for (;;) {
    const order = (receiveMessageOnPort(port) as { message: WorkerOrder } | undefined)?.message
    if (order === undefined) return true
    if (order.kind === 'keys') takeKeys(order.keys)
    port.postMessage({ kind: 'done' } satisfies WorkerReply)
    if (order.kind === 'stop') return false
  }
}

port.postMessage({ kind: 'done' } satisfies WorkerReply)
while (!ring.hasOrders() || obey()) {
  if (workBatch(ring, processor) === 0) ring.wait(IDLE_WAIT_MS)
}
takeKeys([])
