/** Every capture that we read, tshark reads alike: packets, times, addresses, ports, datagrams and streams. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { conformancePath } from '../../../support/conformance.ts'
import {
  enhancedPacket,
  ethernet,
  interfaceBlock,
  ipv4,
  ipv6,
  obsoletePacket,
  pcap,
  sectionHeader,
  tcpIpv4,
  timeOffset,
  timeResolution,
  udp,
} from './capture-writer.ts'
import { oneChunk, record } from './recorded-sink.ts'
import { asJudged, runJudge, tsharkReads, withFile } from './tshark.ts'

/** Nothing in the set is longer, so that whole streams are compared. */
const WHOLE_STREAMS = { maxStreamBytes: 4_194_304 }

async function expectSameAsTshark(path: string): Promise<void> {
  const judged = tsharkReads(path)
  if (judged === undefined) return
  const ours = await record(oneChunk(readFileSync(path)), WHOLE_STREAMS)
  const { times, ...content } = judged
  expect(asJudged(ours)).toEqual(content)
  for (const [packet, timeUs] of ours.times) expect([packet, timeUs]).toEqual([packet, times.get(packet)])
  expect(ours.times.size).toBeGreaterThan(0)
}

describe('captures of real traffic', () => {
  const folder = conformancePath('utls', 'ja4-foxio', 'pcap')
  const names = folder === undefined ? [] : readdirSync(folder)

  for (const name of names)
    it(`${name} reads as tshark reads it`, async () => {
      await expectSameAsTshark(join(folder as string, name))
    })

  for (const format of ['pcap', 'nsecpcap', 'pcapng'])
    it(`a capture that editcap writes as ${format} reads as tshark reads it`, async () => {
      if (folder === undefined) return
      await withFile(new Uint8Array(), async (_, work) => {
        for (const name of ['tls-handshake.pcapng', 'socks-https-example.pcap']) {
          const path = join(work, name)
          if (runJudge('editcap', ['-F', format, join(folder, name), path]) === undefined) return
          await expectSameAsTshark(path)
        }
      })
    })
})

describe('link layers', () => {
  const tcp = tcpIpv4({ sequence: 7, payload: Buffer.from('over version 4') })
  const datagram = ipv6(17, udp(50_001, 4433, Buffer.from('over version 6')))
  const hex = (text: string): Buffer => Buffer.from(text, 'hex')
  const cooked = (etherType: string): Buffer => hex(`0000000100060200000000010000${etherType}`)
  const cookedV2 = (etherType: string): Buffer => hex(`${etherType}00000000000200010006${'0200000000010000'}`)

  const LAYERS: readonly (readonly [string, number, Uint8Array, Uint8Array])[] = [
    ['Ethernet', 1, ethernet('0800', Buffer.of()), ethernet('86dd', Buffer.of())],
    ['802.1Q', 1, ethernet('810000640800', Buffer.of()), ethernet('8100006486dd', Buffer.of())],
    [
      '802.1ad',
      1,
      ethernet('88a80064810000650800', Buffer.of()),
      ethernet('88a800648100006586dd', Buffer.of()),
    ],
    ['three tags', 1, ethernet('88a8000181000002810000030800', Buffer.of()), ethernet('86dd', Buffer.of())],
    ['Linux cooked', 113, cooked('0800'), cooked('86dd')],
    ['Linux cooked with a tag', 113, cooked('810000640800'), cooked('8100006486dd')],
    ['Linux cooked version 2', 276, cookedV2('0800'), cookedV2('86dd')],
    ['raw IP', 101, Buffer.of(), Buffer.of()],
    ['loopback of NetBSD, little-endian', 0, hex('02000000'), hex('18000000')],
    ['loopback of FreeBSD, big-endian', 0, hex('00000002'), hex('0000001c')],
    ['loopback of Darwin', 0, hex('02000000'), hex('1e000000')],
    ['OpenBSD loopback', 108, hex('00000002'), hex('00000018')],
  ]

  for (const [name, linkType, front4, front6] of LAYERS)
    it(`${name} reads as tshark reads it`, async () => {
      const capture = pcap(
        [
          { data: Buffer.concat([front4, tcp]), timeNs: 1_700_000_000_123_456_000n },
          { data: Buffer.concat([front6, datagram]) },
        ],
        { linkType },
      )
      const ours = await record(oneChunk(capture))
      expect(ours.summary.skipped).toEqual([])
      expect(ours.streams.map(({ from, to }) => `${from} > ${to}`)).toEqual(['10.0.0.1:50000 > 10.0.0.2:443'])
      expect(ours.datagrams.map(({ from, to }) => `${from} > ${to}`)).toEqual([
        '2001:db8::1:50001 > 2001:db8:1::2:4433',
      ])
      await withFile(capture, async (path) => expectSameAsTshark(path))
    })

  it('raw IP of one version has link types of its own', async () => {
    for (const [linkType, data] of [
      [228, tcp],
      [229, datagram],
    ] as const)
      await withFile(pcap([{ data }], { linkType }), async (path) => expectSameAsTshark(path))
  })

  it('raw IP under the numbers of the capturing system is read as well', async () => {
    for (const linkType of [12, 14]) {
      const { streams, datagrams } = await record(
        oneChunk(pcap([{ data: tcp }, { data: datagram }], { linkType })),
      )
      expect([streams.length, datagrams.length]).toEqual([1, 1])
    }
  })

  it('packets of an unknown link type are counted', async () => {
    const { summary } = await record(oneChunk(pcap([{ data: tcp }, { data: tcp }], { linkType: 147 })))
    expect(summary.skipped).toEqual([{ reason: 'link-type', count: 2, firstPacket: 1 }])
  })
})

describe('IP and what it carries', () => {
  const hello = Buffer.from('payload')
  const CASES: readonly (readonly [string, Uint8Array])[] = [
    [
      'padding behind a short packet',
      Buffer.concat([ethernet('0800', ipv4(17, udp(1, 2, hello))), Buffer.alloc(30, 7)]),
    ],
    ['padding behind a TCP segment', padded(ethernet('0800', tcpIpv4({ sequence: 1, payload: hello })))],
    ['padding behind a TCP segment on IPv6', padded(ethernet('86dd', ipv6(6, tcpOf(hello))))],
    ['IPv4 options', withOptions()],
    ['hop-by-hop, routing and destination options', extended('00', '2b', '3c')],
    ['an atomic fragment', extended('2c')],
    [
      'an authentication header',
      ethernet('86dd', ipv6(51, Buffer.concat([authentication(), udp(1, 2, hello)]))),
    ],
    ['IPv6 padding', Buffer.concat([ethernet('86dd', ipv6(17, udp(1, 2, hello))), Buffer.alloc(9, 7)])],
    [
      'addresses with runs of zeros',
      ethernet('86dd', ipv6(17, udp(1, 2, hello), '20010000000000010000000000000001')),
    ],
    ['one zero group', ethernet('86dd', ipv6(17, udp(1, 2, hello), '20010db8000000010001000100010001'))],
    ['a mapped address', ethernet('86dd', ipv6(17, udp(1, 2, hello), '00000000000000000000ffff01020304'))],
  ]

  /** Extension headers of 8 bytes each, in order, in front of a datagram. */
  function extended(...kinds: readonly string[]): Uint8Array {
    const headers = kinds.map((_, i) => Buffer.from(`${kinds[i + 1] ?? '11'}00000000000000`, 'hex'))
    return ethernet(
      '86dd',
      ipv6(Number.parseInt(kinds[0] as string, 16), Buffer.concat([...headers, udp(1, 2, hello)])),
    )
  }

  function padded(packet: Uint8Array): Uint8Array {
    return Buffer.concat([packet, Buffer.alloc(9, 7)])
  }

  /** Behind the 20 bytes of the IPv4 header. */
  function tcpOf(payload: Uint8Array): Uint8Array {
    return tcpIpv4({ sequence: 1, payload }).subarray(20)
  }

  function authentication(): Uint8Array {
    return Buffer.from(`110400000000000100000001${'00'.repeat(12)}`, 'hex')
  }

  for (const [name, data] of CASES)
    it(`${name}: the payload is the one that tshark sees`, async () => {
      await withFile(pcap([{ data }]), async (path) => expectSameAsTshark(path))
    })

  function withOptions(): Uint8Array {
    const packet = Buffer.concat([ipv4(17, Buffer.alloc(0)), Buffer.of(1, 1, 1, 0), udp(1, 2, hello)])
    packet[0] = 0x46
    packet.writeUInt16BE(packet.length, 2)
    return ethernet('0800', packet)
  }
})

describe('pcapng', () => {
  const first = ethernet('0800', ipv4(17, udp(1, 2, Buffer.from('first'))))
  const second = ipv6(17, udp(3, 4, Buffer.from('second')))

  it('sections of both byte orders, interfaces with clocks of their own and unknown blocks read as in tshark', async () => {
    const capture = Buffer.concat([
      sectionHeader(),
      interfaceBlock(1, 0, timeResolution(9)),
      interfaceBlock(101, 0, timeResolution(3)),
      interfaceBlock(101, 0, Buffer.concat([timeResolution(0x80 + 20), timeOffset(1_000_000n)])),
      enhancedPacket(0, 1_700_000_000_123_456_789n, first),
      enhancedPacket(1, 1_700_000_000_123n, second),
      enhancedPacket(2, (1_699_000_000n << 20n) + 524_288n, second),
      obsoletePacket(0, 1_700_000_000_999_999_999n, first),
      sectionHeader(false),
      interfaceBlock(101, 0, Buffer.alloc(0), false),
      enhancedPacket(0, 1_700_000_000_654_321n, second, false),
    ])
    await withFile(capture, async (path) => expectSameAsTshark(path))
  })
})
