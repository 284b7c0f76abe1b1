/** The table of connections when someone chooses addresses to harm it. */
import { describe, expect, it } from 'vitest'
import { Packet } from '../../../../src/lib/tls/observe/capture/packet.ts'
import { ConnectionKey } from '../../../../src/lib/tls/observe/capture/streams/connection.ts'
import { ConnectionTable } from '../../../../src/lib/tls/observe/capture/streams/connection-table.ts'

const BUCKETS = 256

function packetFrom(source: number): Packet {
  const packet = new Packet()
  packet.bytes = Buffer.alloc(8, 10)
  packet.bytes.set([10, source >>> 16, (source >>> 8) & 0xff, source & 0xff])
  packet.destinationAt = 4
  packet.sourcePort = 50_000
  packet.destinationPort = 443
  return packet
}

/** Sources whose connections all fall on bucket 0. */
function collidingSources(count: number): number[] {
  const key = new ConnectionKey()
  const found: number[] = []
  for (let source = 0; found.length < count; source++) {
    key.take(packetFrom(source), BUCKETS - 1)
    if (key.bucket === 0) found.push(source)
  }
  return found
}

describe('the connection table', () => {
  it('keeps at most 32 connections of one bucket, so that colliding addresses make no long walk', () => {
    const evicted: number[] = []
    const table = new ConnectionTable<never>('tcp', BUCKETS, ({ number }) => evicted.push(number))
    for (const source of collidingSources(200)) table.take(packetFrom(source))
    expect(evicted).toEqual(Array.from({ length: 200 - 32 }, (_, i) => i))
    expect([...table.connections()].map(({ number }) => number)).toEqual(
      Array.from({ length: 32 }, (_, i) => 200 - 32 + i),
    )
  })

  it('spreads ordinary connections over its buckets', () => {
    const key = new ConnectionKey()
    const counts = new Array<number>(BUCKETS).fill(0)
    for (let source = 0; source < BUCKETS * 16; source++) {
      key.take(packetFrom(source), BUCKETS - 1)
      counts[key.bucket] = (counts[key.bucket] as number) + 1
    }
    // Poisson with mean 16: beyond 45 once in 10^9 buckets.
    expect(Math.max(...counts)).toBeLessThan(45)
  })

  it('finds the connection from either end, and after others of its bucket are gone', () => {
    const table = new ConnectionTable<never>('udp', 40, () => {})
    const sources = Array.from({ length: 100 }, (_, i) => i)
    for (const source of sources) table.take(packetFrom(source))
    for (const source of sources.slice(60)) {
      const back = packetFrom(source)
      back.sourceAt = 4
      back.destinationAt = 0
      back.sourcePort = 443
      back.destinationPort = 50_000
      expect(table.take(back).number).toBe(source)
      expect(table.isForward).toBe(false)
    }
    expect(table.created).toBe(100)
  })
})
