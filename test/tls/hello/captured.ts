/** Hellos that real clients sent, as records. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { conformancePath } from '../../support/conformance.ts'

/** A handshake record with a ClientHello. */
const RECORD_TYPE = 22
const CLIENT_HELLO = 1

export interface Captured {
  readonly name: string
  /** From the first record on. */
  readonly bytes: Uint8Array
  /** The ClientHello without its headers, which lies in one record. */
  readonly body: Uint8Array
}

/** None, with a printed reason, where the captures are not there. */
export function capturedHellos(): readonly Captured[] {
  const folder = conformancePath('utls')
  if (folder === undefined) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.bin'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: relative(folder, path), bytes: new Uint8Array(readFileSync(path)) }))
    .filter(({ bytes }) => bytes[0] === RECORD_TYPE && bytes[5] === CLIENT_HELLO)
    .map((capture) => ({ ...capture, body: capture.bytes.subarray(9, 5 + lengthAt(capture.bytes, 3)) }))
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}
