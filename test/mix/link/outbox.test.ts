import { expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { Outbox } from '../../../src/lib/mix/link/outbox.ts'
import { MemoryPipe } from './memory-pipe.ts'

const PACKET_BYTES = 16

function lab() {
  const clock = new ManualClock()
  const dials: PromiseWithResolvers<MemoryPipe>[] = []
  const failures: unknown[] = []
  const outbox = new Outbox({
    packetBytes: PACKET_BYTES,
    clock,
    random: new SeededRandom(1),
    dial: () => {
      const dial = Promise.withResolvers<MemoryPipe>()
      dials.push(dial)
      return dial.promise
    },
    onFailure: (error) => failures.push(error),
  })
  return { clock, dials, failures, outbox }
}

function packet(serial: number): Uint8Array {
  return new Uint8Array(PACKET_BYTES).fill(serial)
}

/** The first byte of each packet that was written. */
function serials({ written }: MemoryPipe): number[] {
  return written.flatMap((bytes) =>
    Array.from({ length: bytes.length / PACKET_BYTES }, (_, at) => bytes[at * PACKET_BYTES] as number),
  )
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('dials when there is a packet, and sends what waited in order and in few writes', async () => {
  const { dials, outbox } = lab()
  outbox.flush()
  expect(dials).toHaveLength(0)
  for (let serial = 0; serial < 70; serial++) outbox.add(packet(serial))
  outbox.flush()
  outbox.flush()
  expect(dials).toHaveLength(1)
  const pipe = new MemoryPipe()
  dials[0]?.resolve(pipe)
  await settled()
  expect(serials(pipe)).toEqual(Array.from({ length: 70 }, (_, serial) => serial))
  expect(pipe.written.map(({ length }) => length / PACKET_BYTES)).toEqual([32, 32, 6])
  expect(outbox.waiting).toBe(0)
})

it('takes a copy: the sender may use its memory again at once', async () => {
  const { dials, outbox } = lab()
  const reused = packet(7)
  outbox.add(reused)
  reused.fill(0)
  outbox.flush()
  const pipe = new MemoryPipe()
  dials[0]?.resolve(pipe)
  await settled()
  expect(serials(pipe)).toEqual([7])
})

it('keeps no more than 1,024 packets for a peer that cannot be reached', () => {
  const { outbox } = lab()
  const taken = Array.from({ length: 2_000 }, (_, serial) => outbox.add(packet(serial % 256)))
  expect(taken.filter(Boolean)).toHaveLength(1_024)
  expect(taken.indexOf(false)).toBe(1_024)
})

it('leaves packets with itself while the link has much to send, and sends them later', async () => {
  const { dials, outbox } = lab()
  outbox.open()
  const pipe = new MemoryPipe()
  dials[0]?.resolve(pipe)
  await settled()
  pipe.queuedBytes = 1_048_576
  for (let serial = 0; serial < 40; serial++) outbox.add(packet(serial))
  outbox.flush()
  expect(pipe.written).toEqual([])
  pipe.queuedBytes = 0
  outbox.flush()
  expect(serials(pipe)).toHaveLength(40)
})

it('dials again after failures, less and less often, and after a break', async () => {
  const { clock, dials, failures, outbox } = lab()
  outbox.add(packet(1))
  outbox.flush()
  const waits: number[] = []
  for (let attempt = 0; attempt < 12; attempt++) {
    dials[attempt]?.reject(new Error('refused'))
    await settled()
    const due = clock.nextTimerAt() as number
    waits.push(due - clock.now())
    clock.advance(due - clock.now())
  }
  expect(failures).toHaveLength(12)
  expect(waits[0]).toBeGreaterThanOrEqual(50)
  expect(waits[0]).toBeLessThanOrEqual(100)
  expect(waits[3]).toBeGreaterThanOrEqual(400)
  expect(waits[3]).toBeLessThanOrEqual(800)
  expect(waits[11]).toBeGreaterThanOrEqual(5_000)
  expect(waits[11]).toBeLessThanOrEqual(10_000)
  const pipe = new MemoryPipe()
  dials[12]?.resolve(pipe)
  await settled()
  expect(serials(pipe)).toEqual([1])
  pipe.break()
  outbox.add(packet(2))
  outbox.flush()
  expect(dials).toHaveLength(13)
  clock.advance(100)
  expect(dials).toHaveLength(14)
})

it('takes nothing more once it is closed, also while it dials', async () => {
  const { clock, dials, outbox } = lab()
  outbox.add(packet(1))
  outbox.flush()
  outbox.close()
  const pipe = new MemoryPipe()
  dials[0]?.resolve(pipe)
  await settled()
  expect(pipe.isClosed).toBe(true)
  expect(pipe.written).toEqual([])
  expect(outbox.add(packet(2))).toBe(false)
  expect(clock.nextTimerAt()).toBeUndefined()
})
