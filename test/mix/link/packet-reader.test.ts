import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PacketReader } from '../../../src/lib/mix/link/packet-reader.ts'

it('gives the packets of a stream whole and in order, however it is cut into chunks', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.uint8Array({ minLength: 100, maxLength: 400 }),
      fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 8 }),
      (packetBytes, stream, cuts) => {
        const packets: number[][] = []
        const reader = new PacketReader(packetBytes, (packet) => packets.push([...packet]))
        let at = 0
        for (const cut of [...cuts, stream.length]) {
          reader.push(stream.subarray(at, at + cut))
          at += cut
        }
        const whole = Math.floor(stream.length / packetBytes)
        expect(packets).toEqual(
          Array.from({ length: whole }, (_, i) => [
            ...stream.subarray(i * packetBytes, (i + 1) * packetBytes),
          ]),
        )
        expect(reader.partialBytes).toBe(stream.length % packetBytes)
      },
    ),
  )
})

it('gives packets that come byte by byte', () => {
  const packets: number[][] = []
  const reader = new PacketReader(3, (packet) => packets.push([...packet]))
  for (let byte = 1; byte <= 10; byte++) reader.push(Uint8Array.of(byte))
  expect(packets).toEqual([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ])
  expect(reader.partialBytes).toBe(1)
})
