import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { looksLikeBinary } from '../../../../src/lib/lint/scan/files/binary-candidates.ts'
import { REPOSITORY } from '../../../support/aiv.ts'
import { judgePackage } from '../../../support/judges.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

describe('a file that looks like a program', () => {
  it.each([
    ['lefthook-linux-x64', 'bin/lefthook'],
    ['lefthook-windows-x64', 'bin/lefthook.exe'],
    ['lefthook-darwin-arm64', 'bin/lefthook'],
    ['@esbuild/linux-x64', 'bin/esbuild'],
  ])('is the program of %s', (name, path) => {
    const folder = judgePackage(name)
    if (folder === undefined) return
    expect(looksLikeBinary(readFileSync(join(folder, path)).subarray(0, 8))).toBe(true)
  })

  it('is a universal Mach-O file, and no Java class of any version', () => {
    expect(looksLikeBinary(bytes('cafebabe 00000002'))).toBe(true)
    // Minor and major version of JDK 1.1, 8 and 25 (JVMS 4.1).
    expect(looksLikeBinary(bytes('cafebabe 0003002d'))).toBe(false)
    expect(looksLikeBinary(bytes('cafebabe 00000034'))).toBe(false)
    expect(looksLikeBinary(bytes('cafebabe 00000045'))).toBe(false)
  })

  it('is no text, no script, no archive, and nothing that is empty or cut off', () => {
    for (const text of [
      '',
      '\x7fELF',
      '#!/bin/sh\n',
      '{"name":1}',
      'PK\x03\x04aaaa',
      '\x1f\x8b\x08\0\0\0\0\0',
    ])
      expect(looksLikeBinary(Uint8Array.from(Buffer.from(text, 'latin1')))).toBe(false)
    expect(looksLikeBinary(readFileSync(join(REPOSITORY, 'package.json')))).toBe(false)
  })
})
