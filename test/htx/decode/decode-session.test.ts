import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, isAivError, toHex, utf8 } from '../../../src/lib/core/index.ts'
import {
  type DecodedFrame,
  type DecodeOptions,
  decodeSession,
  parseKeyLog,
  readFirstFlight,
} from '../../../src/lib/htx/decode/index.ts'
import { buildStreamHead12, buildWindowUpdate12 } from '../../../src/lib/htx/spec12/frames.ts'
import { TrafficKeys } from '../../../src/lib/htx/spec12/keys.ts'
import { sealFrame12 } from '../../../src/lib/htx/spec12/wire.ts'
import {
  keyLogOf,
  type RecordedSession,
  record,
  recordedSessions,
  recording,
  recordingOf,
} from '../../support/recordings.ts'

const SESSIONS = recordedSessions()

async function* pieces(bytes: Uint8Array, step = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.slice(at, at + step)
}

interface Outcome {
  readonly frames: readonly DecodedFrame[]
  readonly error: string | undefined
}

async function decode(bytes: Uint8Array, options: DecodeOptions = {}, step?: number): Promise<Outcome> {
  const frames: DecodedFrame[] = []
  try {
    for await (const batch of decodeSession(pieces(bytes, step), options)) frames.push(...batch)
  } catch (error) {
    if (!isAivError(error)) throw error
    return { frames, error: error.code }
  }
  return { frames, error: undefined }
}

function log(...texts: readonly string[]): DecodeOptions {
  return { sessions: parseKeyLog(utf8(texts.join(''))) }
}

/** The line that the vector describes a frame with, made from what was decoded. */
function described({ type, stream, content = {} }: DecodedFrame): string {
  const data = content.data === undefined ? '' : new TextDecoder('latin1').decode(content.data)
  return [type, stream, content.flags?.join('+'), content.credit, content.code, data].join(' ')
}

/** A QUIC variable-length integer that fills `bytes` (RFC 9000 section 16). */
function varint(bytes: Buffer): number {
  expect(bytes.length).toBe(1 << ((bytes[0] ?? 0) >> 6))
  return Number(BigInt(`0x${bytes.toString('hex')}`) & ((1n << BigInt(8 * bytes.length - 2)) - 1n))
}

/** The same from the plaintext of the vector, read by hand as section 5 says. */
function expected({ header_aad, plaintext }: RecordedSession['frames'][number]): string {
  const header = Buffer.from(header_aad, 'hex')
  const body = Buffer.from(plaintext, 'hex')
  const type =
    ['STREAM', 'PING', 'CLOSE', 'KEY_UPDATE', 'WINDOW_UPDATE'][header[3] ?? 9] ?? `EXTENSION_${header[3]}`
  const stream = type === 'STREAM' || type === 'WINDOW_UPDATE' ? varint(header.subarray(4)) : undefined
  if (type === 'WINDOW_UPDATE')
    return [type, stream, undefined, body.readUInt32BE(0), undefined, ''].join(' ')
  if (type === 'CLOSE') return [type, stream, undefined, undefined, body.readUInt16BE(0), ''].join(' ')
  if (type !== 'STREAM' || stream === 0)
    return [
      type,
      stream,
      undefined,
      undefined,
      undefined,
      header[3] === undefined || header[3] < 64 ? '' : body.toString('latin1'),
    ].join(' ')
  const bits = body[0] ?? 0
  const flags = ['FIN', 'RESET', 'STOP', 'OPEN'].filter((_, bit) => (bits & (1 << bit)) !== 0)
  const abort = (bits & 6) !== 0
  const at = 1 + ((bits & 8) === 0 ? 0 : 1)
  return [
    type,
    stream,
    flags.join('+'),
    undefined,
    abort ? body.readUInt16BE(at) : undefined,
    body.subarray(at + (abort ? 2 : 0)).toString('latin1'),
  ].join(' ')
}

describe.skipIf(SESSIONS.length === 0)('a recorded session of the vectors', () => {
  it.each(SESSIONS.map((session) => [session.id, session] as const))(
    '%s decodes to the frames it was made of',
    async (_id, session) => {
      const { frames, error } = await decode(recordingOf(session), log(keyLogOf(session)))
      expect(error).toBeUndefined()
      for (const direction of ['c', 's'] as const) {
        const ours = frames.filter(({ dir }) => dir === direction)
        const theirs = session.frames.filter((frame) => frame.direction === direction)
        expect(ours.map(described)).toEqual(theirs.map(expected))
        expect(ours.map(({ seq }) => seq)).toEqual(theirs.map((_, index) => index))
        expect(ours.map(({ generation }) => generation)).toEqual(theirs.map(({ generation }) => generation))
        expect(ours.map(({ length }) => length)).toEqual(theirs.map(({ plaintext }) => plaintext.length / 2))
      }
    },
  )

  const first = SESSIONS[1] as RecordedSession

  it('decodes the same however its bytes arrive', async () => {
    const whole = await decode(recordingOf(first), log(keyLogOf(first)))
    for (const step of [1, 2, 7, 100])
      expect(await decode(recordingOf(first), log(keyLogOf(first)), step)).toEqual(whole)
  })

  it('finds its keys in a log of all sessions', async () => {
    const all = log(...SESSIONS.map((session) => keyLogOf(session)))
    for (const session of SESSIONS)
      expect(await decode(recordingOf(session), all)).toEqual(
        await decode(recordingOf(session), log(keyLogOf(session))),
      )
  })

  it('needs only the secrets of generation 0', async () => {
    const some = log(keyLogOf(first, (generation) => generation === 0))
    expect(await decode(recordingOf(first), some)).toEqual(
      await decode(recordingOf(first), log(keyLogOf(first))),
    )
  })

  it('is opened from the generation on whose secret was given away, and not before', async () => {
    const session = SESSIONS.find(({ keys }) =>
      keys.some(({ generation }) => generation === 1),
    ) as RecordedSession
    const some = log(keyLogOf(session, (generation) => generation === 1))
    const { frames, error } = await decode(recordingOf(session), some)
    expect(error).toBeUndefined()
    expect(frames.some(({ generation }) => generation > 0)).toBe(true)
    for (const { generation, content } of frames) expect(content === undefined).toBe(generation === 0)
  })

  it('shows its headers alone without keys', async () => {
    const { frames, error } = await decode(recordingOf(first))
    expect(error).toBeUndefined()
    expect(frames).toHaveLength(first.frames.length)
    expect(frames.every(({ content }) => content === undefined)).toBe(true)
    expect(frames[0]).toEqual({
      dir: expect.any(String),
      seq: 0,
      generation: 0,
      type: expect.any(String),
      stream: expect.any(Number),
      length: expect.any(Number),
    })
  })

  it('is decoded from one direction alone, as bytes or as hex of any line length', async () => {
    const options: DecodeOptions = { ...log(keyLogOf(first)), direction: 'c' }
    const bytes = fromHex(first.wire_client_to_server)
    const { frames } = await decode(bytes, options)
    expect(frames).toHaveLength(first.frames.filter(({ direction }) => direction === 'c').length)
    for (const width of [2, 3, 60]) {
      const text = first.wire_client_to_server.replace(new RegExp(`.{${width}}`, 'g'), '$&\n')
      expect((await decode(utf8(text), options, 50)).frames).toEqual(frames)
    }
  })

  it('is decoded from its first frame on', async () => {
    const wire = SESSIONS[0] as RecordedSession
    const frame = wire.frames.find(({ direction }) => direction === 'c')
    const at = wire.wire_client_to_server.indexOf(frame?.header_aad ?? '')
    const after = wire.wire_client_to_server.slice(
      wire.wire_client_to_server.lastIndexOf('0000070001', at + 10),
    )
    const { frames } = await decode(fromHex(after), {
      ...log(keyLogOf(wire)),
      direction: 'c',
      framesOnly: true,
    })
    expect(toHex(frames[0]?.content?.data ?? new Uint8Array(0))).toBe(toHex(utf8('hello')))
  })

  it('that was altered is shown up to there and then refused', async () => {
    const bytes = recordingOf(first)
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1
    const { frames, error } = await decode(bytes, log(keyLogOf(first)))
    expect(error).toBe('E_AUTHENTICATION')
    expect(frames).toHaveLength(first.frames.length - 1)
  })

  it('is refused with the keys of another', async () => {
    expect((await decode(recordingOf(first), log(keyLogOf(SESSIONS[0] as RecordedSession)))).error).toBe(
      'E_AUTHENTICATION',
    )
  })

  it('that breaks off within a frame is shown as far as it goes, and says so', async () => {
    const client = fromHex(first.wire_client_to_server)
    const cut: string[] = []
    const options: DecodeOptions = { ...log(keyLogOf(first)), direction: 'c', onCut: (dir) => cut.push(dir) }
    const { frames, error } = await decode(client.subarray(0, -1), options)
    expect([frames.length, error, cut]).toEqual([
      first.frames.filter(({ direction }) => direction === 'c').length - 1,
      undefined,
      ['c'],
    ])
  })

  it('gives its first message as its first flight', async () => {
    const flight = await readFirstFlight(pieces(recordingOf(first), 100))
    expect([toHex(flight.payload), flight.recorded]).toEqual([first.wire_message_1, true])
    const raw = await readFirstFlight(pieces(fromHex(first.wire_message_1)))
    expect([toHex(raw.payload), raw.recorded]).toEqual([first.wire_message_1, false])
    expect(toHex((await readFirstFlight(pieces(utf8(first.wire_message_1)))).payload)).toBe(
      first.wire_message_1,
    )
  })
})

describe('a session of the 1.2 draft', () => {
  const secret = new Uint8Array(32).fill(9)
  const hash = 'cd'.repeat(32)
  const keyLog = `HTX_SPEC ${hash} 1.2\nHTX_SECRET ${hash} c 0 ${toHex(secret)}\n`

  function wire(): Uint8Array {
    const keys = new TrafficKeys('c', secret.slice())
    const out: Uint8Array[] = []
    const seal = (type: number, id: number, ...parts: Uint8Array[]): void => {
      const plaintext = concat(...parts)
      sealFrame12(keys, type, id, [plaintext], plaintext.length, out)
    }
    seal(0, 1, buildStreamHead12(false, 0, 5), utf8('hello'))
    seal(1, 0, buildWindowUpdate12(0, 65_535))
    seal(3, 0)
    keys.update()
    seal(0, 1, buildStreamHead12(true, 5, 0))
    return concat(...out)
  }

  const direction: DecodeOptions = { direction: 'c', framesOnly: true }

  it('is read as the key log says', async () => {
    const { frames, error } = await decode(wire(), { ...log(keyLog), ...direction })
    expect(error).toBeUndefined()
    expect(frames).toEqual([
      {
        dir: 'c',
        seq: 0,
        generation: 0,
        type: 'STREAM',
        stream: 1,
        length: 16,
        content: { flags: [], offset: 0n, data: utf8('hello') },
      },
      {
        dir: 'c',
        seq: 1,
        generation: 0,
        type: 'WINDOW_UPDATE',
        stream: 0,
        length: 5,
        content: { credit: 65_535 },
      },
      { dir: 'c', seq: 2, generation: 0, type: 'KEY_UPDATE', length: 0, content: {} },
      {
        dir: 'c',
        seq: 3,
        generation: 1,
        type: 'STREAM',
        stream: 1,
        length: 11,
        content: { flags: ['FIN'], offset: 5n, data: new Uint8Array(0) },
      },
    ])
  })

  it('needs to be named where there is no log, or one with both', async () => {
    const types = (await decode(wire(), { ...direction, spec: '1.2' })).frames.map(({ type }) => type)
    expect(types).toEqual(['STREAM', 'WINDOW_UPDATE', 'KEY_UPDATE', 'STREAM'])
    const both = log(keyLog, `HTX_SECRET ${'ef'.repeat(32)} c 0 ${toHex(secret)}\n`)
    expect((await decode(wire(), { ...both, ...direction })).error).toBe('E_USAGE')
    expect((await decode(wire(), { ...both, ...direction, spec: '1.2' })).frames).toHaveLength(4)
  })
})

describe('what is no session', () => {
  it.each<[string, Uint8Array, DecodeOptions, string]>([
    ['no recording', utf8('hello, world'), {}, 'E_MALFORMED'],
    ['nothing', new Uint8Array(0), {}, 'E_MALFORMED'],
    [
      'a first message of an unknown suite',
      recording(record('c', Uint8Array.of(0, 1, 9))),
      {},
      'E_MALFORMED',
    ],
    ['a message of 0 bytes', recording(record('c', Uint8Array.of(0, 0))), {}, 'E_MALFORMED'],
    ['a message of 4,097 bytes', recording(record('s', Uint8Array.of(0x10, 1))), {}, 'E_MALFORMED'],
    ['a frame beyond 1 MiB', fromHex('10000100'), { direction: 's', framesOnly: true }, 'E_MALFORMED'],
    [
      'a frame of a type that must not occur',
      fromHex('00000005'),
      { direction: 's', framesOnly: true },
      'E_MALFORMED',
    ],
    ['an odd number of digits', utf8('abc'), { direction: 'c', framesOnly: true }, 'E_MALFORMED'],
    [
      'hex that stops being hex',
      utf8(`${'00'.repeat(40)}zz`),
      { direction: 'c', framesOnly: true },
      'E_MALFORMED',
    ],
  ])('%s is a typed error', async (_name, bytes, options, code) => {
    expect((await decode(bytes, options)).error).toBe(code)
  })

  it('has no first flight when the client says nothing', async () => {
    await expect(readFirstFlight(pieces(recording(record('s', utf8('hello')))))).rejects.toMatchObject({
      code: 'E_INPUT',
    })
    await expect(readFirstFlight(pieces(new Uint8Array(70_000)))).rejects.toMatchObject({
      code: 'E_TOO_LARGE',
    })
  })

  it('any bytes give frames or a typed error', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ dir: fc.constantFrom('c', 's'), bytes: fc.uint8Array({ maxLength: 80 }) }), {
          maxLength: 5,
        }),
        fc.constantFrom<DecodeOptions>(
          {},
          { spec: '1.2' },
          { direction: 'c' },
          { direction: 's', framesOnly: true },
        ),
        async (records, options) => {
          const { error } = await decode(
            recording(...records.map(({ dir, bytes }) => record(dir, bytes))),
            options,
          )
          expect([undefined, 'E_MALFORMED']).toContain(error)
        },
      ),
      { numRuns: 5000 },
    )
  })
})
