/** Fuzz targets of what `aiv htx decode` reads, and of 1.2 frames: each takes a seed, as those of a session do. */
import { concat, isAivError, SeededRandom, toHex, utf8 } from '../../src/lib/core/index.ts'
import { ProtocolViolation } from '../../src/lib/htx/codes.ts'
import { judgeFirstFlight } from '../../src/lib/htx/decode/first-flight.ts'
import { RecordingReader } from '../../src/lib/htx/recording/format.ts'
import { parseKeyLog } from '../../src/lib/htx/recording/key-log.ts'
import {
  buildClose12,
  buildStreamHead12,
  buildWindowUpdate12,
  parseFrame12,
} from '../../src/lib/htx/spec12/frames.ts'
import { FrameReader12 } from '../../src/lib/htx/spec12/wire.ts'
import { record, recording } from './recordings.ts'
import { mutate, pickOne } from './session-mutation.ts'

/** Cuts at random and gives the pieces to `take`. */
function feed(random: SeededRandom, bytes: Uint8Array, take: (piece: Uint8Array) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const size = random.chance(0.5) ? 1 : 1 + random.below(100)
    take(bytes.slice(at, at + size))
    at += size
  }
}

export function fuzzRecording(seed: number): void {
  const random = new SeededRandom(seed)
  const records = Array.from({ length: random.below(4) }, () =>
    record(pickOne(random, ['c', 's', 'x']), random.bytes(random.below(60))),
  )
  const valid = new Uint8Array(recording(...records))
  const bytes = random.chance(0.7) ? mutate(random, valid) : valid
  const reader = new RecordingReader()
  let taken = ''
  try {
    feed(random, bytes, (piece) => {
      for (const { bytes: data } of reader.read(piece)) taken += toHex(data)
    })
    reader.end()
  } catch (error) {
    if (!isAivError(error, 'E_MALFORMED')) throw error
  }
  if (taken.length > 2 * bytes.length) throw new Error(`more bytes than came: ${toHex(bytes)}`)
}

export function fuzzKeyLog(seed: number): void {
  const random = new SeededRandom(seed)
  const hash = toHex(random.bytes(32))
  const lines = Array.from({ length: random.below(5) }, () =>
    random.chance(0.3)
      ? `HTX_SPEC ${hash} ${pickOne(random, ['1.1', '1.2', '2'])}`
      : `HTX_SECRET ${hash} ${pickOne(random, ['c', 's'])} ${random.below(3)} ${toHex(random.bytes(32))}`,
  )
  const valid = utf8(lines.join('\n'))
  const bytes = random.chance(0.7) ? mutate(random, valid) : valid
  try {
    for (const { handshakeHash, secrets } of parseKeyLog(bytes))
      for (const secret of [handshakeHash, ...secrets.values()])
        if (secret.length !== 32) throw new Error(`a secret of ${secret.length} bytes: ${toHex(bytes)}`)
  } catch (error) {
    if (!isAivError(error, 'E_MALFORMED')) throw error
  }
}

export function fuzzFrames12(seed: number): void {
  const random = new SeededRandom(seed)
  const data = random.bytes(random.below(50))
  const plaintext = pickOne(random, [
    concat(buildStreamHead12(random.chance(0.5), random.uint32(), data.length), data),
    buildWindowUpdate12(random.below(3), random.uint32()),
    buildClose12(random.below(65_536), 'bye'),
    random.bytes(8),
    data,
  ])
  const body = random.chance(0.5) ? mutate(random, plaintext) : plaintext
  const length = 7 + body.length + 16
  const header = [0, 0, length, pickOne(random, [0, 1, 2, 3, 4, 0x20, 5]), 0, 0, 0, random.below(4), 0, 0]
  const valid = concat(Uint8Array.from(header), body, random.bytes(16))
  const wire = random.chance(0.3) ? mutate(random, valid) : valid
  const reader = new FrameReader12()
  let taken = 0
  try {
    feed(random, wire, (piece) => {
      reader.push(piece)
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        taken += frame.header.length + frame.length + frame.tag.length
        parseFrame12(frame.type, frame.streamId as number, concat(...frame.ciphertext))
      }
    })
  } catch (error) {
    if (!(error instanceof ProtocolViolation) || error.closeCode !== 7) throw error
  }
  if (taken > wire.length) throw new Error(`more frames than came: ${toHex(wire)}`)
}

export function fuzzFirstFlight(seed: number): void {
  const random = new SeededRandom(seed)
  const start = pickOne(random, [
    utf8('GET /'),
    Uint8Array.of(0x16, 3, 1),
    Uint8Array.of(5, 0x38, 2),
    new Uint8Array(0),
  ])
  const payload = mutate(random, concat(start, random.bytes(1 + random.below(200))))
  if (payload.length === 0) return
  const { exempt, ex1, ex2, ex3, ex4, ex5, bitsPerByte } = judgeFirstFlight(payload)
  if (exempt !== (ex1 || ex2 || ex3 || ex4 || ex5) || !(bitsPerByte >= 0 && bitsPerByte <= 8))
    throw new Error(`a judgement that contradicts itself: ${toHex(payload)}`)
}
