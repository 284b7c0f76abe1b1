/** Why a program does not show what it is made of, as far as its form tells. */
import type { BinaryImage } from './image/image.ts'

/** Marks are in the first bytes of the packed part, whose loader needs them. */
const UPX_SEARCH_BYTES = 64 * 1024
const UPX = Buffer.from('UPX!')
/** The compiler writes the hash of its commit into every program, for the paths of its library. */
const RUSTC = Buffer.from('/rustc/')

const GO_SECTIONS: ReadonlySet<string> = new Set([
  '.gopclntab',
  '__gopclntab',
  '.note.go.buildid',
  '.gosymtab',
])

/** One clause for people; only a hint, never a finding. */
export function concealment(images: readonly BinaryImage[]): string {
  if (images.some(isPacked)) return 'it is packed with UPX'
  if (images.some(({ sections }) => sections.some(({ name }) => GO_SECTIONS.has(name))))
    return 'it is a Go program whose build information was taken out'
  if (images.some(({ bytes }) => bufferOf(bytes).includes(RUSTC)))
    return 'it is a Rust program that was built without cargo auditable'
  return 'no build information of Go or Rust and no bill of materials is in it or beside it'
}

function isPacked({ bytes, sections }: BinaryImage): boolean {
  if (sections.some(({ name }) => /^UPX\d$/.test(name))) return true
  return bufferOf(bytes.subarray(0, UPX_SEARCH_BYTES)).includes(UPX)
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
