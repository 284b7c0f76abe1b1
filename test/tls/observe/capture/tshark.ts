/** What tshark reads in a capture, in the shape of our own record. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judge } from '../../../support/judge.ts'
import type { Recorded } from './recorded-sink.ts'
import { sha256 } from './recorded-sink.ts'

const FIELDS = [
  'frame.number',
  'frame.time_epoch',
  'ip.src',
  'ip.dst',
  'ipv6.src',
  'ipv6.dst',
  'udp.srcport',
  'udp.dstport',
  'udp.payload',
  'tcp.stream',
]

export interface Judgement {
  readonly packets: number
  /** `from > to SHA-256` of each direction that carried bytes. */
  readonly streams: readonly string[]
  readonly datagrams: readonly string[]
  /** Microseconds, by packet. */
  readonly times: ReadonlyMap<number, number>
}

/** Runs a program of the Wireshark suite; undefined, with a printed reason, where it is missing. */
export function runJudge(program: string, args: readonly string[]): string | undefined {
  const path = judge(program)
  if (path === undefined) return undefined
  const { status, stdout, stderr } = spawnSync(path, args, { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 })
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`)
  return stdout
}

/** Gives `use` the path of a file with the bytes. */
export async function withFile<T>(
  bytes: Uint8Array,
  use: (path: string, folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'aiv-capture-'))
  try {
    const path = join(folder, 'capture')
    writeFileSync(path, bytes)
    return await use(path, folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Undefined, with a printed reason, where tshark is missing. */
export function tsharkReads(path: string): Judgement | undefined {
  const listing = runJudge('tshark', [
    '-r',
    path,
    '-T',
    'fields',
    ...FIELDS.flatMap((field) => ['-e', field]),
  ])
  if (listing === undefined) return undefined
  const frames = listing
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
  const streams = new Set(
    frames.map((frame) => frame[9]).filter((stream) => stream !== '' && stream !== undefined),
  )
  return {
    packets: frames.length,
    streams: followed(path, [...streams]).sort(),
    datagrams: frames.flatMap((frame) => datagramOf(frame)),
    times: new Map(frames.map(([number, time]) => [Number(number), microseconds(time as string)])),
  }
}

/** Our own record in the judge's shape. */
export function asJudged({ summary, streams, datagrams }: Recorded): Omit<Judgement, 'times'> {
  return {
    packets: summary.packets,
    streams: streams.map(({ from, to, bytes }) => `${from} > ${to} ${sha256(bytes)}`).sort(),
    datagrams: datagrams.map(({ packet, from, to, hex }) => `${packet} ${from} > ${to} ${hex}`),
  }
}

function datagramOf([
  number,
  ,
  src4,
  dst4,
  src6,
  dst6,
  srcPort,
  dstPort,
  payload,
]: readonly string[]): string[] {
  if (payload === undefined || payload === '') return []
  return [`${number} ${src4 || src6}:${srcPort} > ${dst4 || dst6}:${dstPort} ${payload.replaceAll(':', '')}`]
}

/** tshark gives seconds with nine decimals. */
function microseconds(time: string): number {
  const [seconds, fraction = ''] = time.split('.')
  return Number(seconds) * 1_000_000 + Number(fraction.padEnd(9, '0').slice(0, 6))
}

/** One line a direction: the lines of the second node are indented. */
function followed(path: string, streams: readonly (string | undefined)[]): string[] {
  if (streams.length === 0) return []
  const follow = streams.flatMap((stream) => ['-z', `follow,tcp,raw,${stream}`])
  const text = runJudge('tshark', ['-r', path, '-q', ...follow]) ?? ''
  return text.split('Follow: tcp,raw').slice(1).flatMap(followedStream)
}

function followedStream(text: string): string[] {
  const [, first] = /^Node 0: (.*)$/m.exec(text) ?? []
  const [, second] = /^Node 1: (.*)$/m.exec(text) ?? []
  if (first === undefined || second === undefined) throw new Error('a stream without nodes')
  const lines = text.split('\n')
  const direction = (pattern: RegExp): Buffer =>
    Buffer.from(
      lines
        .filter((line) => pattern.test(line))
        .join('')
        .replaceAll(/\s/g, ''),
      'hex',
    )
  const line = (from: string, to: string, bytes: Buffer): string[] =>
    bytes.length === 0 ? [] : [`${plain(from)} > ${plain(to)} ${sha256(bytes)}`]
  return [
    ...line(first, second, direction(/^[0-9a-f]+$/)),
    ...line(second, first, direction(/^\t[0-9a-f]+$/)),
  ]
}

/** IPv6 addresses stand in brackets there. */
function plain(endpoint: string): string {
  return endpoint.replace(/^\[(.*)\]/, '$1')
}
