import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AivError, concat, isAivError, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { RecordingReader, recordHead } from '../../../src/lib/htx/recording/format.ts'
import { parseKeyLog, secretLine, specLine } from '../../../src/lib/htx/recording/key-log.ts'
import { record, recording } from '../../support/recordings.ts'

interface Read {
  readonly c: string
  readonly s: string
  readonly order: string
}

/** Reads in pieces of `step` bytes; bytes of each direction, and the directions in order. */
function read(file: Uint8Array, step: number): Read {
  const reader = new RecordingReader()
  const bytes = { c: '', s: '' }
  let order = ''
  for (let at = 0; at < file.length; at += step) {
    for (const piece of reader.read(file.subarray(at, at + step))) {
      bytes[piece.direction] += toHex(piece.bytes)
      if (!order.endsWith(piece.direction)) order += piece.direction
    }
  }
  reader.end()
  return { ...bytes, order }
}

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isAivError(error)) return error.code
    throw error
  }
  return 'none'
}

describe('a recording', () => {
  it('gives the bytes of each direction in order, however it is cut', () => {
    const file = recording(record('c', utf8('one')), record('s', utf8('two')), record('c', utf8('three')))
    for (let step = 1; step <= file.length; step++)
      expect(read(file, step)).toEqual({ c: toHex(utf8('onethree')), s: toHex(utf8('two')), order: 'csc' })
  })

  it('tells when a record was written, in microseconds', () => {
    const time = 0xfedc_ba98_7654_3210n
    const pieces = [...new RecordingReader().read(new Uint8Array(recording(record('s', utf8('x'), time))))]
    expect(pieces).toEqual([{ direction: 's', timeUs: time, bytes: utf8('x') }])
  })

  it('is written as the format says', () => {
    const bytes = utf8('hello')
    expect(toHex(concat(recordHead('c', 1n, bytes.length), bytes))).toBe(
      '63000000000000000100000005' + '68656c6c6f',
    )
  })

  it('may be empty, and may hold empty records', () => {
    expect(read(recording(), 3).order).toBe('')
    expect(read(recording(record('c', new Uint8Array(0)), record('s', utf8('x'))), 4).order).toBe('s')
  })

  it.each([
    ['nothing at all', Buffer.alloc(0)],
    ['a magic cut short', Buffer.from('HTXREC1')],
    ['another magic', Buffer.from('HTXREC2\nmore')],
    ['a third direction', recording(record('x', utf8('hello')))],
    ['a head cut short', recording(record('c', utf8('hello'))).subarray(0, 15)],
    ['a record cut short', recording(record('c', utf8('hello'))).subarray(0, -1)],
    [
      'a length of 4 GiB and little behind it',
      recording(Buffer.from('63000000000000000 0ffffffff00'.replace(' ', ''), 'hex')),
    ],
  ])('is refused: %s', (_name, file) => {
    expect(codeOf(() => read(file, 64))).toBe('E_MALFORMED')
  })

  it('hands on what a length promises as it comes, and keeps none of it', () => {
    const reader = new RecordingReader()
    const head = Buffer.from(record('c', new Uint8Array(0)))
    head.writeUInt32BE(0xffffffff, 9)
    expect([...reader.read(concat(utf8('HTXREC1\n'), head))]).toEqual([])
    const chunk = new Uint8Array(65_536)
    for (let i = 0; i < 1000; i++)
      expect([...reader.read(chunk)].map(({ bytes }) => bytes.length)).toEqual([65_536])
  })

  it('of any bytes gives pieces or a typed error', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 20 }),
        (bytes, magic, step) => {
          expect(['none', 'E_MALFORMED']).toContain(
            codeOf(() => read(magic ? recording(bytes) : bytes, step)),
          )
        },
      ),
      { numRuns: 20_000 },
    )
  })
})

const H = 'ab'.repeat(32)
const SECRET = '01'.repeat(32)
const SECOND = '02'.repeat(32)

function sessions(text: string): ReturnType<typeof parseKeyLog> {
  return parseKeyLog(utf8(text))
}

describe('a key log', () => {
  it('gives the secrets of each session and its specification', () => {
    const log = sessions(
      `# kept for a test\n\nHTX_SECRET ${H} c 0 ${SECRET}\r\nHTX_SECRET ${H} s 12 ${SECOND}\nHTX_SPEC ${H} 1.2\nHTX_SECRET ${SECRET} c 0 ${H}`,
    )
    expect(
      log.map(({ handshakeHash, spec, secrets }) => [toHex(handshakeHash), spec, [...secrets.keys()]]),
    ).toEqual([
      [H, '1.2', ['c0', 's12']],
      [SECRET, '1.1', ['c0']],
    ])
    expect(toHex(log[0]?.secrets.get('s12') as Uint8Array)).toBe(SECOND)
  })

  it('is written as the format says, and read back', () => {
    const hash = new Uint8Array(32).fill(0xab)
    const text = secretLine(hash, 's', 7, new Uint8Array(32).fill(1)) + specLine(hash, '1.2')
    expect(text).toBe(`HTX_SECRET ${H} s 7 ${SECRET}\nHTX_SPEC ${H} 1.2\n`)
    expect(sessions(text)).toHaveLength(1)
  })

  it.each([
    ['another word', 'CLIENT_RANDOM 00 00'],
    ['a short hash', `HTX_SECRET ab c 0 ${SECRET}`],
    ['a short secret', `HTX_SECRET ${H} c 0 0101`],
    ['another direction', `HTX_SECRET ${H} x 0 ${SECRET}`],
    ['a generation that is no number', `HTX_SECRET ${H} c -1 ${SECRET}`],
    ['a generation beyond 32 bits', `HTX_SECRET ${H} c 4294967296 ${SECRET}`],
    ['a fifth field', `HTX_SECRET ${H} c 0 ${SECRET} 1`],
    ['another specification', `HTX_SPEC ${H} 1.3`],
    ['two secrets for one generation', `HTX_SECRET ${H} c 0 ${SECRET}\nHTX_SECRET ${H} c 0 ${SECOND}`],
    ['two specifications of one session', `HTX_SPEC ${H} 1.1\nHTX_SPEC ${H} 1.2`],
    ['bytes that are no text', '\ud800'],
  ])('is refused: %s', (name, text) => {
    const bytes = name.startsWith('bytes') ? Uint8Array.of(0xff) : utf8(text)
    expect(codeOf(() => parseKeyLog(bytes))).toBe('E_MALFORMED')
  })

  it('of any text gives sessions or a typed error', () => {
    const word = fc.oneof(
      fc.constantFrom('HTX_SECRET', 'HTX_SPEC', H, SECRET, 'c', '0', '1.2', '\n', ' '),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        try {
          sessions(words.join(' '))
        } catch (error) {
          expect(error).toBeInstanceOf(AivError)
        }
      }),
      { numRuns: 20_000 },
    )
  })
})
