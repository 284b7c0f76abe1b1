/** A sink that keeps what it is given as plain values, to compare. */
import { createHash } from 'node:crypto'
import {
  type CaptureFlow,
  type CaptureOptions,
  type CaptureSink,
  type CaptureSummary,
  readCapture,
} from '../../../../src/lib/tls/index.ts'

export interface RecordedStream {
  readonly from: string
  readonly to: string
  readonly connection: number
  readonly bytes: Uint8Array
  /** Why it ended, and `gap` when bytes were held back. */
  readonly end: string | undefined
}

export interface RecordedDatagram {
  readonly packet: number
  readonly timeUs: number
  readonly from: string
  readonly to: string
  readonly hex: string
}

export interface Recorded {
  readonly summary: CaptureSummary
  /** In order of their first bytes. */
  readonly streams: readonly RecordedStream[]
  readonly datagrams: readonly RecordedDatagram[]
  /** Time of each packet that delivered something. */
  readonly times: ReadonlyMap<number, number>
}

interface Growing {
  readonly parts: Uint8Array[]
  end: string | undefined
}

export async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Each chunk lies in the same memory, which is overwritten afterwards: views that are kept show. */
export async function* reusedChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(Math.max(1, ...sizes))
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] as number)
    const part = bytes.subarray(at, at + size)
    memory.set(part)
    yield memory.subarray(0, part.length)
    memory.fill(0xee)
    at += size
  }
}

/** Reads the capture and keeps everything. */
export async function record(
  chunks: AsyncIterable<Uint8Array>,
  options: CaptureOptions = {},
  appetite: CaptureSink['onStream'] = () => 'more',
): Promise<Recorded> {
  const streams = new Map<CaptureFlow, Growing>()
  const datagrams: RecordedDatagram[] = []
  const times = new Map<number, number>()
  const summary = await readCapture(
    chunks,
    {
      onStream: (flow, bytes, packet, timeUs) => {
        const known = streams.get(flow) ?? { parts: [], end: undefined }
        streams.set(flow, known)
        known.parts.push(bytes.slice())
        times.set(packet, timeUs)
        return appetite(flow, bytes, packet, timeUs)
      },
      onStreamEnd: (flow, end, hasGap) => {
        const known = streams.get(flow)
        if (known === undefined || known.end !== undefined) throw new Error('an end that nothing began')
        known.end = hasGap ? `${end} gap` : end
      },
      onDatagram: (flow, bytes, packet, timeUs) => {
        datagrams.push({ packet, timeUs, ...endpoints(flow), hex: Buffer.from(bytes).toString('hex') })
        times.set(packet, timeUs)
      },
    },
    options,
  )
  return {
    summary,
    streams: [...streams].map(([flow, { parts, end }]) => ({
      ...endpoints(flow),
      connection: flow.connection,
      bytes: Buffer.concat(parts),
      end,
    })),
    datagrams,
    times,
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function endpoints(flow: CaptureFlow): { readonly from: string; readonly to: string } {
  return { from: `${flow.src}:${flow.srcPort}`, to: `${flow.dst}:${flow.dstPort}` }
}
