/** Hostile records of a continued service, and a reader of them that was written down once more from section 12.3. */
import {
  AivError,
  concat,
  encodeVarint,
  ManualClock,
  SeededRandom,
  toHex,
  u64,
} from '../../src/lib/core/index.ts'
import { ContinuedStream } from '../../src/lib/htx/service/resume/continued-stream.ts'
import { parseResumeParams, resumeParams } from '../../src/lib/htx/service/resume/params.ts'
import { RecordReader } from '../../src/lib/htx/service/resume/records.ts'
import { mutate } from './session-mutation.ts'

/** What a stream of records says, as text; `!` where it stops making sense. */
function reference(bytes: Uint8Array): string {
  const out: string[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; ) {
    const type = bytes[at++]
    if (type === 2) out.push('end')
    else if (type === 1) {
      if (at + 8 > bytes.length) break
      const count = view.getBigUint64(at)
      if (count > 2n ** 53n - 1n) return [...out, '!'].join(' ')
      out.push(`ack ${count}`)
      at += 8
    } else if (type === 3) {
      if (at + 2 > bytes.length) break
      out.push(`abort ${view.getUint16(at)}`)
      at += 2
    } else if (type === 0) {
      const first = bytes[at]
      if (first === undefined) break
      const size = first >>> 6 === 0 ? 1 : first >>> 6 === 1 ? 2 : 4
      if (at + size > bytes.length) break
      let length = first & 0x3f
      for (let i = 1; i < size; i++) length = length * 256 + (bytes[at + i] as number)
      const isShortest = size === 1 || (size === 2 ? length >= 0x40 : length >= 0x4000)
      if (first >>> 6 === 3 || length < 1 || length > 65_536 || !isShortest) return [...out, '!'].join(' ')
      at += size
      for (const byte of bytes.subarray(at, at + length)) out.push(`byte ${byte}`)
      at += length
    } else return [...out, '!'].join(' ')
  }
  return out.join(' ')
}

function hostileRecords(random: SeededRandom): Uint8Array {
  const parts: Uint8Array[] = []
  for (let i = random.below(6); i >= 0; i--) {
    const kind = random.below(5)
    if (kind < 2) {
      const data = random.bytes(1 + random.below(random.chance(0.1) ? 300 : 20))
      parts.push(Uint8Array.of(0), encodeVarint(data.length), data)
    } else if (kind === 2) parts.push(Uint8Array.of(1), u64(random.below(30)))
    else if (kind === 3) parts.push(Uint8Array.of(2))
    else parts.push(Uint8Array.of(3, 0x81, 1))
  }
  const bytes = concat(...parts)
  return random.chance(0.6) ? mutate(random, bytes) : bytes
}

/** @throws Error when the reader says anything but the reference, whatever the pieces */
export function fuzzRecords(seed: number): void {
  const random = new SeededRandom(seed)
  const bytes = hostileRecords(random)
  const said: string[] = []
  const reader = new RecordReader({
    data: (part) => said.push(...Array.from(part, (byte) => `byte ${byte}`)),
    ack: (count) => said.push(`ack ${count}`),
    end: () => said.push('end'),
    aborted: (code) => said.push(`abort ${code}`),
  })
  const core = new ContinuedStream({
    clock: new ManualClock(),
    id: 0,
    byPeer: true,
    onHeld: () => {},
    onProgress: () => {},
    onOutput: () => {},
    onIdleAck: () => {},
    onOver: () => {},
  })
  core.resume(0)
  try {
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.subarray(at, at + 1 + random.below(40))
      at += piece.length
      core.receive(piece)
      core.next(1000, [])
      reader.push(piece)
    }
  } catch (error) {
    if (!(error instanceof AivError) || error.code !== 'E_MALFORMED') throw error
    said.push('!')
  }
  if (said.join(' ') !== reference(bytes)) throw new Error(`other records than there are: ${toHex(bytes)}`)
  fuzzParams(random)
}

function fuzzParams(random: SeededRandom): void {
  const honest = resumeParams({
    id: random.bytes(16),
    service: 'pipe',
    params: {},
    received: random.below(9),
  })
  const odd = [0, -1, 2n ** 60n, null, 'pipe', random.bytes(random.below(18)), [], {}] as const
  const key = ['id', 'service', 'params', 'received', 'more'][random.below(5)] as string
  const params = parseResumeParams({ ...honest, [key]: odd[random.below(odd.length)] ?? null })
  if (params === undefined) return
  const { id, received } = params
  if (id.length !== 16 || (received !== null && !(received >= 0 && Number.isSafeInteger(received))))
    throw new Error(`parameters that are not good were taken: ${key}`)
}
