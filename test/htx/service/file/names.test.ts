/** Which names are taken, and that a part name always belongs to one target. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAivError } from '../../../../src/lib/core/index.ts'
import {
  isPartName,
  isPartOf,
  nameSegments,
  partName,
} from '../../../../src/lib/htx/service/file/disk/names.ts'

const REFUSED: readonly (readonly [why: string, name: string])[] = [
  ['nothing', ''],
  ['the directory itself', '.'],
  ['its parent', '..'],
  ['a parent behind a level', 'a/..'],
  ['parents that lead out', 'a/../../b'],
  ['a parent in front', '../a'],
  ['a dot level', 'a/./b'],
  ['an absolute path', '/etc/passwd'],
  ['an empty level', 'a//b'],
  ['a trailing slash', 'a/'],
  ['only a slash', '/'],
  ['a backslash', 'a\\b'],
  ['parents of Windows', '..\\..\\a'],
  ['a share of Windows', '\\\\host\\share'],
  ['a drive', 'C:'],
  ['a path on a drive', 'c:/windows'],
  ['a file relative to a drive', 'd:file'],
  ['a drive below a level', 'a/C:'],
  ['NUL', 'a\0b'],
  ['a line feed', 'a\nb'],
  ['a tab', 'a\tb'],
  ['an escape sequence', '\x1b[2J'],
  ['DEL', 'a\x7f'],
  ['a C1 control', 'a\x9bb'],
  ['a reversed extension', 'photo\u202egpj.exe'],
  ['an isolate', 'a\u2066b'],
  ['a line separator', 'a\u2028b'],
  ['a lone surrogate', 'a\ud800'],
  ['bytes that were not UTF-8', 'a\ufffd'],
  ['NFD', 'e\u0301'],
  ['NFD below a level', 'a/e\u0301/b'],
  ['a singleton that NFC replaces', '\u212b'],
  ['CON', 'CON'],
  ['a device with an extension', 'nul.txt'],
  ['a device with two', 'Aux.tar.gz'],
  ['a device with spaces', 'com1  .txt'],
  ['LPT9', 'lpt9'],
  ['a device with a superscript', 'COM\u00b9'],
  ['the console', 'CONIN$'],
  ['a device as a directory', 'prn/a'],
  ['a segment of 256 bytes', 'a'.repeat(256)],
  ['a segment of 256 bytes in fewer characters', 'ü'.repeat(128)],
  ['33 levels', Array(33).fill('a').join('/')],
  ['2,049 bytes', Array(9).fill('a'.repeat(227)).join('/').slice(0, 2049)],
  ['an unfinished file', 'a.0123456789abcdef.part'],
  ['an unfinished file in capitals', 'a.0123456789ABCDEF.PART'],
]

const TAKEN = [
  'a',
  '.hidden',
  '...',
  '..a',
  'a b',
  ' a',
  'résumé.pdf',
  'файл',
  '文件',
  '\u{1f600}',
  'console.txt',
  'com10',
  'at:b',
  '10:30.log',
  'a?*<>|"',
  'שלום\u200f',
  'a.part',
  'a/b/c',
  'a'.repeat(255),
  Array(32).fill('a').join('/'),
  Array(9).fill('a'.repeat(226)).join('/'),
]

describe('a name', () => {
  it.each(REFUSED)('that is %s is refused', (_, name) => {
    expect(() => nameSegments(name, 'linux')).toThrow(expect.objectContaining({ code: 'E_FILE_PATH' }))
  })

  it('that any file system could have is taken, level by level', () => {
    for (const name of TAKEN) expect(nameSegments(name, 'linux').join('/')).toBe(name)
  })

  it.each(['a.', 'a ', 'a?', 'at:b', '<a>', 'a|b', 'a"', 'x/a*'])('%s cannot be on Windows', (name) => {
    expect(nameSegments(name, 'linux').join('/')).toBe(name)
    expect(() => nameSegments(name, 'win32')).toThrow(expect.objectContaining({ code: 'E_FILE_PATH' }))
  })

  it('never gives a segment that leaves its directory, whatever it is', () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '/', '\\', '\0', 'C:', 'CON', 'e\u0301', '\u202e', '\n', 'a'),
      fc.string({ unit: 'binary', maxLength: 6 }),
    )
    const name = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(name, (text) => {
        let segments: string[]
        try {
          segments = nameSegments(text, 'linux')
        } catch (error) {
          return isAivError(error, 'E_FILE_PATH')
        }
        return (
          segments.length > 0 &&
          segments.every(
            (segment) =>
              !['', '.', '..'].includes(segment) &&
              ![...segment].some((c) => c === '/' || c === '\\' || c < ' ' || c === '\x7f') &&
              segment === segment.normalize('NFC') &&
              Buffer.byteLength(segment) <= 255,
          )
        )
      }),
      { numRuns: 20_000, seed: 12 },
    )
  })
})

describe('an unfinished file', () => {
  const fingerprint = Uint8Array.from({ length: 32 }, (_, i) => 0xa0 + i)

  it('is named after its target and the content', () => {
    expect(partName('letter.txt', fingerprint)).toBe('letter.txt.a0a1a2a3a4a5a6a7.part')
  })

  it('has a name that fits, and that only its target has, also when names are long', () => {
    const names = [
      'a',
      'ü'.repeat(127),
      'a'.repeat(233),
      'a'.repeat(234),
      `${'a'.repeat(254)}b`,
      'a'.repeat(255),
    ]
    const parts = names.map((name) => partName(name, fingerprint))
    for (const part of parts) {
      expect(Buffer.byteLength(part)).toBeLessThanOrEqual(255)
      expect(part.isWellFormed() && !part.includes('\ufffd')).toBe(true)
      expect(isPartName(part)).toBe(true)
      expect(names.filter((name) => isPartOf(part, name))).toHaveLength(1)
    }
    expect(new Set(parts).size).toBe(names.length)
  })
})
