/** Decoded frames and judged first flights as lines for people and for programs. */
import type { DecodedFrame, FirstFlight } from '../../htx/index.ts'
import { encodeJson, type Fields, JSON_VERSION, printable } from '../output.ts'

/** Bytes of data that a line for people shows. */
const PREVIEW = 16

export const FRAME_TABLE_HEAD = 'dir    seq  gen  type           stream   length  content'

/** @param withData false leaves the bytes of the application out */
export function frameJson({ content, dir, ...frame }: DecodedFrame, withData: boolean): string {
  const { data, codeName, lastStream, lifetimeSeconds, ...rest } = content ?? {}
  return encodeJson({
    v: JSON_VERSION,
    dir,
    ...frame,
    ...rest,
    ...(codeName === undefined ? {} : { code_name: codeName }),
    ...(lastStream === undefined ? {} : { last_stream: lastStream }),
    ...(lifetimeSeconds === undefined ? {} : { lifetime_seconds: lifetimeSeconds }),
    ...(data === undefined || !withData ? {} : { data }),
  })
}

export function frameText(frame: DecodedFrame, withData: boolean): string {
  const { dir, seq, generation, type, stream, length } = frame
  const columns = [
    dir.padEnd(3),
    String(seq).padStart(6),
    String(generation).padStart(4),
    ` ${type.padEnd(13)}`,
    String(stream ?? '-').padStart(7),
    String(length).padStart(8),
    ` ${contentText(frame, withData)}`,
  ]
  return printable(columns.join(' ').trimEnd())
}

function contentText({ content }: DecodedFrame, withData: boolean): string {
  if (content === undefined) return ''
  const { flags, data, codeName, code, ...rest } = content
  const words = [...(flags ?? [])]
  if (code !== undefined) words.push(`code=${codeName ?? code}`)
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined || value === '') continue
    words.push(`${name}=${typeof value === 'string' ? value : encodeJson(value).replaceAll('"', '')}`)
  }
  if (data !== undefined && withData && data.length > 0) {
    const more = data.length > PREVIEW ? '…' : ''
    words.push(`data=${Buffer.from(data.subarray(0, PREVIEW)).toString('hex')}${more}`)
  }
  return words.join(' ')
}

const VERDICTS: Readonly<Record<FirstFlight['looksLike'], string>> = {
  tls: 'It begins as TLS does.',
  http: 'It begins as an HTTP request does.',
  htx: 'It is HTX in the open: a readable length and a suite, then bytes that look random. Anybody who looks for it finds it.',
  unknown: 'Its first bytes are of no protocol known here.',
}
const RULES: readonly (readonly [rule: keyof FirstFlight, text: string])[] = [
  ['ex1', 'at most 3.4 or at least 4.6 bits set per byte'],
  ['ex2', 'the first six bytes are printable'],
  ['ex3', 'more than half of the bytes are printable'],
  ['ex4', 'more than 20 printable bytes in a row'],
  ['ex5', 'TLS or HTTP by its first bytes'],
]
const RECORDED_INSIDE =
  'A recording holds what runs inside the link. Only on htx+tcp is that what a censor sees first; the other links begin with HTTP, TLS or QUIC.'

/** @param recorded the payload stood in a recording of the inner bytes */
export function firstFlightFields(flight: FirstFlight, bytes: number, recorded: boolean): Fields {
  const { bitsPerByte, looksLike, ex1, ex2, ex3, ex4, ex5, exempt } = flight
  return {
    bytes,
    bits_per_byte: Number(bitsPerByte.toFixed(4)),
    ex1,
    ex2,
    ex3,
    ex4,
    ex5,
    exempt,
    looks_like: looksLike,
    ...(recorded ? { note: RECORDED_INSIDE } : {}),
  }
}

export function firstFlightText(flight: FirstFlight, bytes: number, recorded: boolean): string {
  return [
    flight.exempt
      ? 'exempt: a filter of fully encrypted traffic lets this first flight pass'
      : 'not exempt: a filter of fully encrypted traffic may block this first flight',
    VERDICTS[flight.looksLike],
    `${bytes} bytes, ${flight.bitsPerByte.toFixed(4)} bits set per byte`,
    ...RULES.map(([rule, text]) => `  ${flight[rule] === true ? 'yes' : 'no '}  ${text}`),
    ...(recorded ? [RECORDED_INSIDE] : []),
  ].join('\n')
}
