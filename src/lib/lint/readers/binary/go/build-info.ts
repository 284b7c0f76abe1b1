/**
 * What the Go linker writes into a program of itself (`debug/buildinfo`): the version of Go and the modules. Found by a
 * magic, in a section of its own where the format has one.
 */
import { type BinaryImage, bytesAt, viewOf } from '../image/image.ts'

export interface GoBuildInfo {
  /** `go1.27.0` */
  readonly goVersion: string
  /** Lines of `runtime/debug.BuildInfo`; empty for a program that was built without modules. */
  readonly modules: string
}

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1')
/** Of the magic, in the file and in memory. */
const ALIGNMENT = 16
const HEADER_BYTES = 32
/** In the byte after the size of a pointer: the texts follow; without it pointers to them do (before Go 1.18). */
const INLINE = 2
const BIG_ENDIAN = 1
/** 16 random-looking bytes on both sides, by which the running program finds the modules. */
const SENTINEL_BYTES = 16

/** Where the linker puts it, in ELF and Mach-O. */
const SECTIONS: ReadonlySet<string> = new Set(['.go.buildinfo', '__go_buildinfo'])

/** Programs that read such programs hold the magic too; no file has many that look right at first. */
const MAX_CANDIDATES = 1000
const MAX_VERSION_BYTES = 1024
/** The largest known programs have some 100 KiB. */
const MAX_MODULE_BYTES = 8 * 1024 * 1024

export function goBuildInfo(image: BinaryImage): GoBuildInfo | undefined {
  const own = image.sections.filter(({ name }) => SECTIONS.has(name))
  for (const data of [...own.map((section) => section.data), image.bytes]) {
    const found = search(image, data)
    if (found !== undefined) return found
  }
  return undefined
}

function search(image: BinaryImage, data: Uint8Array): GoBuildInfo | undefined {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  let candidates = 0
  for (let at = buffer.indexOf(MAGIC); at !== -1; at = buffer.indexOf(MAGIC, at + 1)) {
    candidates += 1
    if (candidates > MAX_CANDIDATES) return undefined
    if (at % ALIGNMENT !== 0 || at + HEADER_BYTES > data.length) continue
    const found = infoAt(image, data.subarray(at))
    if (found !== undefined) return found
  }
  return undefined
}

function infoAt(image: BinaryImage, data: Uint8Array): GoBuildInfo | undefined {
  const [pointerBytes = 0, flags = 0] = data.subarray(14, 16)
  const isInline = (flags & INLINE) !== 0
  const texts = isInline
    ? inlineTexts(data)
    : pointedTexts(image, data, pointerBytes, (flags & BIG_ENDIAN) !== 0)
  const [version, modules] = texts ?? []
  if (version === undefined || version.length === 0) return undefined
  return {
    goVersion: Buffer.from(version).toString('utf8'),
    modules: modules === undefined ? '' : Buffer.from(withoutSentinels(modules)).toString('utf8'),
  }
}

function inlineTexts(data: Uint8Array): readonly Uint8Array[] | undefined {
  const version = countedAt(data, HEADER_BYTES, MAX_VERSION_BYTES)
  if (version === undefined) return undefined
  const modules = countedAt(data, version.end, MAX_MODULE_BYTES)
  return modules === undefined ? [version.bytes] : [version.bytes, modules.bytes]
}

/** A length in little-endian groups of seven bits, and as many bytes. */
function countedAt(
  data: Uint8Array,
  start: number,
  maxBytes: number,
): { readonly bytes: Uint8Array; readonly end: number } | undefined {
  let length = 0
  let at = start
  for (let scale = 1; ; scale *= 128) {
    const byte = data[at++]
    if (byte === undefined) return undefined
    length += (byte & 127) * scale
    if (length > maxBytes) return undefined
    if (byte < 128) break
  }
  return at + length > data.length ? undefined : { bytes: data.subarray(at, at + length), end: at + length }
}

/** Two addresses of texts, each an address and a length. */
function pointedTexts(
  image: BinaryImage,
  data: Uint8Array,
  pointerBytes: number,
  isBig: boolean,
): readonly Uint8Array[] | undefined {
  if (pointerBytes !== 4 && pointerBytes !== 8) return undefined
  const word = (bytes: Uint8Array, at: number): number =>
    pointerBytes === 8 ? Number(viewOf(bytes).getBigUint64(at, !isBig)) : viewOf(bytes).getUint32(at, !isBig)
  const text = (at: number, maxBytes: number): Uint8Array | undefined => {
    const header = bytesAt(image, word(data, at), 2 * pointerBytes)
    if (header === undefined) return undefined
    const length = word(header, pointerBytes)
    return length > maxBytes ? undefined : bytesAt(image, word(header, 0), length)
  }
  const version = text(SENTINEL_BYTES, MAX_VERSION_BYTES)
  const modules = text(SENTINEL_BYTES + pointerBytes, MAX_MODULE_BYTES)
  if (version === undefined) return undefined
  return modules === undefined ? [version] : [version, modules]
}

function withoutSentinels(modules: Uint8Array): Uint8Array {
  const end = modules.length - SENTINEL_BYTES
  const isWhole = modules.length > 2 * SENTINEL_BYTES && modules[end - 1] === 0x0a
  return isWhole ? modules.subarray(SENTINEL_BYTES, end) : modules.subarray(0, 0)
}
