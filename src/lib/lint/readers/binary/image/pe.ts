/** Portable Executable (Microsoft's "PE Format"). */
import { type BinaryImage, part, type Section, viewOf, zeroEnded } from './image.ts'

const MZ = 0x5a4d
const PE = 0x4550
/** Where the offset of the PE header stands. */
const HEADER_POINTER = 0x3c
const PE32_PLUS = 0x20b
const SECTION_BYTES = 40

/** @throws RangeError when it is cut off */
export function peImage(bytes: Uint8Array): readonly BinaryImage[] {
  const view = viewOf(bytes)
  if (bytes.length < 2 || view.getUint16(0, true) !== MZ) return []
  const header = view.getUint32(HEADER_POINTER, true)
  // A program for DOS has nothing there.
  if (header + 4 > bytes.length || view.getUint32(header, true) !== PE) return []
  const count = view.getUint16(header + 6, true)
  const optional = header + 24
  const base =
    view.getUint16(optional, true) === PE32_PLUS
      ? Number(view.getBigUint64(optional + 24, true))
      : view.getUint32(optional + 28, true)
  const table = optional + view.getUint16(header + 20, true)
  const sections: readonly Section[] = Array.from({ length: count }, (_, index) => {
    const at = table + index * SECTION_BYTES
    const virtualSize = view.getUint32(at + 8, true)
    const rawSize = view.getUint32(at + 16, true)
    // What lies in the file is padded to the next block.
    const size = virtualSize === 0 ? rawSize : Math.min(virtualSize, rawSize)
    return {
      name: zeroEnded(part(bytes, at, 8)),
      address: base + view.getUint32(at + 12, true),
      data: part(bytes, view.getUint32(at + 20, true), size),
    }
  })
  return [{ format: 'PE', bytes, isBigEndian: false, sections }]
}
