/** Telling capture files apart by their first bytes, and the byte orders they use. */
import { readU32 } from '../../../../core/index.ts'

/** Type of a section header block; the same in both byte orders. */
export const PCAPNG_SECTION_HEADER = 0x0a0d0d0a

/** Magic of a classic capture, read as big-endian, and what it says. */
const PCAP_MAGICS = new Map<number, { readonly littleEndian: boolean; readonly nanoseconds: boolean }>([
  [0xa1b2c3d4, { littleEndian: false, nanoseconds: false }],
  [0xd4c3b2a1, { littleEndian: true, nanoseconds: false }],
  [0xa1b23c4d, { littleEndian: false, nanoseconds: true }],
  [0x4d3cb2a1, { littleEndian: true, nanoseconds: true }],
])

/**
 * Which capture format the bytes begin; undefined for anything else.
 * @param start the first bytes of the input; 4 are enough, fewer are never a capture
 */
export function sniffCaptureFormat(start: Uint8Array): 'pcap' | 'pcapng' | undefined {
  if (start.length < 4) return undefined
  const magic = readU32(start, 0)
  if (magic === PCAPNG_SECTION_HEADER) return 'pcapng'
  return PCAP_MAGICS.has(magic) ? 'pcap' : undefined
}

/** What the magic of a classic capture says; undefined for another one. */
export function pcapMagic(
  magic: number,
): { readonly littleEndian: boolean; readonly nanoseconds: boolean } | undefined {
  return PCAP_MAGICS.get(magic)
}

export function readU16As(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  const first = bytes[at] as number
  const second = bytes[at + 1] as number
  return littleEndian ? first | (second << 8) : (first << 8) | second
}

export function readU32As(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  if (!littleEndian) return readU32(bytes, at)
  return (
    ((bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16)) +
    (bytes[at + 3] as number) * 0x1000000
  )
}
