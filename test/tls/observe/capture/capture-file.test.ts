/** Files and pipes: every format variant, every way of cutting the input, and what a damaged one gives. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAivError } from '../../../../src/lib/core/index.ts'
import { readCapture, sniffCaptureFormat } from '../../../../src/lib/tls/index.ts'
import { conformancePath } from '../../../support/conformance.ts'
import {
  block,
  enhancedPacket,
  ethernet,
  interfaceBlock,
  ipv4,
  ipv6,
  pcap,
  sectionHeader,
  simplePacket,
  timeResolution,
  udp,
} from './capture-writer.ts'
import { oneChunk, type Recorded, record, reusedChunks } from './recorded-sink.ts'

const DATAGRAM = ethernet('0800', ipv4(17, udp(1, 2, Buffer.from('datagram'))))

function heads({ datagrams }: Recorded): (readonly [number, string])[] {
  return datagrams.map(({ timeUs, hex }) => [timeUs, Buffer.from(hex, 'hex').toString()] as const)
}

async function failure(capture: Uint8Array): Promise<unknown> {
  return record(oneChunk(capture)).then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** Small ones of both formats, with TCP and UDP. */
function realCaptures(): Uint8Array[] {
  const folder = conformancePath('utls', 'ja4-foxio', 'pcap')
  if (folder === undefined) return []
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name)))
    .filter(({ length }) => length < 10_000)
}

describe('formats', () => {
  it('classic captures of both byte orders and both units of time read alike', async () => {
    for (const littleEndian of [true, false])
      for (const nanoseconds of [true, false]) {
        const capture = pcap([{ data: DATAGRAM, timeNs: 1_700_000_000_123_456_000n }], {
          littleEndian,
          nanoseconds,
        })
        expect(sniffCaptureFormat(capture)).toBe('pcap')
        expect(heads(await record(oneChunk(capture)))).toEqual([[1_700_000_000_123_456, 'datagram']])
      }
  })

  it('nanoseconds are cut to the microsecond without losing it', async () => {
    const capture = Buffer.concat([
      sectionHeader(),
      interfaceBlock(1, 0, timeResolution(9)),
      enhancedPacket(0, 1_999_999_999_999_999_999n, DATAGRAM),
      enhancedPacket(0, 1_700_000_000_000_001_000n, DATAGRAM),
    ])
    const times = (await record(oneChunk(capture))).datagrams.map(({ timeUs }) => timeUs)
    expect(times).toEqual([1_999_999_999_999_999, 1_700_000_000_000_001])
  })

  it('a simple packet has the length that its interface keeps, and no time', async () => {
    const capture = Buffer.concat([
      sectionHeader(),
      interfaceBlock(1, DATAGRAM.length),
      simplePacket(DATAGRAM, 1_500),
      block(0x0bad, Buffer.alloc(100_000)),
      simplePacket(DATAGRAM),
    ])
    expect(sniffCaptureFormat(capture)).toBe('pcapng')
    expect(heads(await record(oneChunk(capture)))).toEqual([
      [0, 'datagram'],
      [0, 'datagram'],
    ])
  })

  it('interfaces end with their section, and a packet of an unknown one is counted', async () => {
    const capture = Buffer.concat([
      sectionHeader(),
      interfaceBlock(1),
      enhancedPacket(0, 0n, DATAGRAM),
      enhancedPacket(1, 0n, DATAGRAM),
      sectionHeader(),
      enhancedPacket(0, 0n, DATAGRAM),
    ])
    const { summary, datagrams } = await record(oneChunk(capture))
    expect([summary.packets, datagrams.length]).toEqual([3, 1])
    expect(summary.skipped).toEqual([{ reason: 'unknown-interface', count: 2, firstPacket: 2 }])
  })

  it('anything else is told apart', () => {
    for (const start of ['', 'a1b2c3', '1603010200', '31363033', '0a0d0d'])
      expect(sniffCaptureFormat(Buffer.from(start, 'hex'))).toBeUndefined()
  })
})

describe('packets that are left out', () => {
  const inner = udp(1, 2, Buffer.from('inner'))
  const fragment = (bits: string, protocol: number): Buffer => {
    const packet = Buffer.from(ipv4(protocol, inner))
    packet.set(Buffer.from(bits, 'hex'), 6)
    return packet
  }
  const changed = (packet: Uint8Array, at: number, value: number): Buffer => {
    const copy = Buffer.from(packet)
    copy[at] = value
    return copy
  }
  const CASES: readonly (readonly [string, Uint8Array])[] = [
    ['link-header', Buffer.alloc(13)],
    ['vlan-depth', ethernet(`${'81000001'.repeat(9)}0800`, ipv4(17, inner))],
    ['not-ip', ethernet('0806', Buffer.alloc(28))],
    ['ip-header', ethernet('0800', ipv4(17, inner).subarray(0, 19))],
    ['ip-header', ethernet('0800', changed(ipv4(17, inner), 0, 0x44))],
    ['ip-header', ethernet('0800', changed(ipv4(17, inner), 0, 0x65))],
    ['ip-header', ethernet('0800', changed(ipv4(17, inner), 3, 19))],
    ['ip-header', ethernet('86dd', ipv6(17, inner).subarray(0, 39))],
    ['ip-fragment', ethernet('0800', fragment('2000', 17))],
    ['ip-fragment', ethernet('0800', fragment('0003', 6))],
    ['ip-fragment', ethernet('86dd', ipv6(44, Buffer.from('1100000100000001', 'hex')))],
    ['ipv6-extension-headers', ethernet('86dd', ipv6(60, Buffer.from('3c00000000000000'.repeat(20), 'hex')))],
    ['ipv6-extension-headers', ethernet('86dd', ipv6(60, Buffer.from('11ff000000000000', 'hex')))],
    ['not-tcp-or-udp', ethernet('0800', ipv4(1, inner))],
    ['tcp-header', ethernet('0800', ipv4(6, Buffer.alloc(19)))],
    ['tcp-header', ethernet('0800', ipv4(6, changed(Buffer.alloc(20), 12, 0x40)))],
    ['udp-header', ethernet('0800', ipv4(17, Buffer.alloc(8)))],
    ['udp-header', ethernet('0800', ipv4(17, changed(inner, 5, 14)))],
    ['snapshot-length', ethernet('0800', ipv4(17, inner)).subarray(0, 44)],
  ]

  for (const [reason, data] of CASES)
    it(`${reason}: ${Buffer.from(data.subarray(12, 40)).toString('hex')}`, async () => {
      const { summary, datagrams } = await record(oneChunk(pcap([{ data: DATAGRAM }, { data }, { data }])))
      expect(summary.skipped).toEqual([{ reason, count: 2, firstPacket: 2 }])
      expect([summary.packets, datagrams.length]).toEqual([3, 1])
    })
})

describe('the input as it comes', () => {
  it('any split into chunks gives the same, though the memory of a chunk is used again', async () => {
    for (const capture of realCaptures()) {
      const whole = await record(oneChunk(capture))
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }),
          async (sizes) => {
            expect(await record(reusedChunks(capture, sizes))).toEqual(whole)
          },
        ),
        { numRuns: 30, examples: [[[1]], [[3]]] },
      )
    }
  })

  it('a capture cut at any byte gives its whole packets and says that it is cut', async () => {
    const packets = [{ data: DATAGRAM }, { data: DATAGRAM }, { data: DATAGRAM }]
    const blocks = packets.map(({ data }) => enhancedPacket(0, 0n, data))
    const FORMATS = [
      {
        ends: lengths([24, ...packets.map(({ data }) => 16 + data.length)]),
        capture: pcap(packets),
        front: 1,
      },
      {
        ends: lengths([sectionHeader(), interfaceBlock(1), ...blocks].map(({ length }) => length)),
        capture: Buffer.concat([sectionHeader(), interfaceBlock(1), ...blocks]),
        front: 2,
      },
    ]
    for (const { ends, capture, front } of FORMATS)
      for (let cut = 4; cut <= capture.length; cut++) {
        const { summary, datagrams } = await record(reusedChunks(capture.subarray(0, cut), [50]))
        const whole = Math.max(0, ends.filter((end) => end <= cut).length - front)
        expect([cut, summary.packets, datagrams.length, summary.cut, summary.bytes]).toEqual([
          cut,
          whole,
          whole,
          !ends.includes(cut),
          cut,
        ])
      }
  })

  function lengths(parts: readonly number[]): number[] {
    let sum = 0
    return parts.map((part) => {
      sum += part
      return sum
    })
  }

  it('the reading waits for the sink after each chunk', async () => {
    const order: string[] = []
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (const part of [pcap([{ data: DATAGRAM }]), pcap([{ data: DATAGRAM }]).subarray(24)]) {
        order.push('chunk')
        yield part
      }
    }
    await readCapture(chunks(), {
      onStream: () => 'more',
      onDatagram: () => order.push('datagram'),
      afterChunk: async () => {
        await Promise.resolve()
        order.push('drained')
      },
    })
    expect(order).toEqual(['chunk', 'datagram', 'drained', 'chunk', 'datagram', 'drained'])
  })

  it('an aborted reading ends with E_ABORTED', async () => {
    const reading = record(oneChunk(pcap([{ data: DATAGRAM }])), { signal: AbortSignal.abort() })
    await expect(reading).rejects.toMatchObject({ code: 'E_ABORTED' })
  })
})

describe('damaged captures', () => {
  const u32 = (value: number): Buffer => {
    const out = Buffer.alloc(4)
    out.writeUInt32LE(value)
    return out
  }
  const front = Buffer.concat([sectionHeader(), interfaceBlock(1), enhancedPacket(0, 0n, DATAGRAM)])
  const packetBlock = (captured: number, body: number): Uint8Array =>
    block(6, Buffer.concat([Buffer.alloc(12), u32(captured), u32(captured), Buffer.alloc(body)]))

  it('a packet longer than the bound is an error with its number', async () => {
    const record = Buffer.concat([Buffer.alloc(8), u32(262_145), u32(262_145)])
    for (const capture of [
      Buffer.concat([pcap([{ data: DATAGRAM }]), record]),
      Buffer.concat([front, packetBlock(262_145, 262_148)]),
      Buffer.concat([front, u32(6), u32(0x7fff_fff0), Buffer.alloc(40)]),
    ])
      expect(await failure(capture)).toMatchObject({
        code: 'E_TOO_LARGE',
        message: expect.stringContaining('packet 2'),
      })
  })

  it('a packet of the bound itself is read', async () => {
    const payload = Buffer.alloc(262_144 - 14 - 20 - 20, 7)
    const segment = Buffer.concat([
      Buffer.from('c35001bb000000070000000050100000 00000000'.replace(' ', ''), 'hex'),
      payload,
    ])
    const header = Buffer.from('45000000000000004006000001010101 02020202'.replace(' ', ''), 'hex')
    const data = ethernet('0800', Buffer.concat([header, segment]))
    for (const capture of [pcap([{ data }]), Buffer.concat([front, enhancedPacket(0, 0n, data)])]) {
      const { streams } = await record(oneChunk(capture), { maxStreamBytes: 1_000_000 })
      expect(streams.map(({ bytes }) => bytes.length)).toEqual([payload.length])
    }
  })

  it('lying lengths of blocks are errors with the packet number', async () => {
    for (const part of [
      Buffer.concat([u32(6), u32(8), Buffer.alloc(8)]),
      Buffer.concat([u32(6), u32(41), Buffer.alloc(40)]),
      Buffer.concat([u32(9), u32(0), Buffer.alloc(8)]),
      packetBlock(100, 96),
      Buffer.concat([enhancedPacket(0, 0n, DATAGRAM).subarray(0, -4), u32(4)]),
      interfaceBlock(1, 0, Buffer.from('09000c0006000000', 'hex')),
      block(0x0a0d0d0a, Buffer.alloc(16)),
    ])
      expect(await failure(Buffer.concat([front, part]))).toMatchObject({
        code: 'E_MALFORMED',
        message: expect.stringContaining('packet 2'),
      })
  })

  it('an unknown version is an error, and so is input that is no capture', async () => {
    const version3 = Buffer.from(pcap([]))
    version3[4] = 3
    expect(await failure(version3)).toMatchObject({ code: 'E_UNSUPPORTED' })
    const section2 = Buffer.from(sectionHeader())
    section2[12] = 2
    expect(await failure(section2)).toMatchObject({ code: 'E_UNSUPPORTED' })
    for (const start of ['', 'd4c3b2', '160301020001', '0a'])
      expect(await failure(Buffer.from(start, 'hex'))).toMatchObject({ code: 'E_MALFORMED' })
  })

  it('a section with too many interfaces is an error', async () => {
    const capture = Buffer.concat([sectionHeader(), ...new Array<Uint8Array>(4_097).fill(interfaceBlock(1))])
    expect(await failure(capture)).toMatchObject({ code: 'E_TOO_LARGE' })
  })

  it('20,000 captures with changed bytes give a summary or a typed error', async () => {
    const captures = realCaptures()
    if (captures.length === 0) return
    const change = fc.record({ place: fc.nat(), value: fc.nat(255) })
    let summaries = 0
    let errors = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...captures),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        async (capture, changes, lost) => {
          // Every second one is whole.
          const mutant = Buffer.from(
            capture.subarray(0, capture.length - (lost % 2) * (lost % capture.length)),
          )
          for (const { place, value } of changes) mutant[place % mutant.length] = value
          const error = await failure(mutant)
          if (error === undefined) summaries++
          else if (isAivError(error)) errors++
          else throw error
        },
      ),
      { numRuns: 20_000 },
    )
    expect(summaries).toBeGreaterThan(1_000)
    expect(errors).toBeGreaterThan(100)
  })
})
