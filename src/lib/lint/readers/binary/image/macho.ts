/** Mach-O and universal files (Apple's `mach-o/loader.h` and `mach-o/fat.h`), 32 and 64 bits, both byte orders. */
import { AivError } from '../../../../core/index.ts'
import { type BinaryImage, MAX_SECTIONS, part, type Section, viewOf, zeroEnded } from './image.ts'

const MH_MAGIC = 0xfeedface
const MH_MAGIC_64 = 0xfeedfacf
const FAT_MAGIC = 0xcafebabe
const FAT_MAGIC_64 = 0xcafebabf
const LC_SEGMENT = 0x1
const LC_SEGMENT_64 = 0x19
/** A Java class has the same magic and then its version, which is 45 or more. */
const FIRST_CLASS_VERSION = 45
/** Three times as many as Apple ever had at a time: parts may overlap, and each is searched. */
const MAX_ARCHITECTURES = 16

/** @throws RangeError when it is cut off; AivError `E_TOO_LARGE` */
export function machoImages(bytes: Uint8Array): readonly BinaryImage[] {
  if (bytes.length < 8) return []
  const view = viewOf(bytes)
  const magic = view.getUint32(0)
  if (magic !== FAT_MAGIC && magic !== FAT_MAGIC_64) return thinImage(bytes)
  const count = view.getUint32(4)
  if (count >= FIRST_CLASS_VERSION) return []
  if (count > MAX_ARCHITECTURES)
    throw new AivError('E_TOO_LARGE', `it is for more than ${MAX_ARCHITECTURES} architectures`)
  return Array.from({ length: count }, (_, index) => {
    if (magic === FAT_MAGIC) {
      const at = 8 + index * 20
      return part(bytes, view.getUint32(at + 8), view.getUint32(at + 12))
    }
    const at = 8 + index * 32
    return part(bytes, Number(view.getBigUint64(at + 8)), Number(view.getBigUint64(at + 16)))
  }).flatMap(thinImage)
}

function thinImage(bytes: Uint8Array): readonly BinaryImage[] {
  if (bytes.length < 8) return []
  const view = viewOf(bytes)
  const little = [MH_MAGIC, MH_MAGIC_64].includes(view.getUint32(0, true))
  const magic = view.getUint32(0, little)
  if (magic !== MH_MAGIC && magic !== MH_MAGIC_64) return []
  const is64 = magic === MH_MAGIC_64
  const sections: Section[] = []
  let at = is64 ? 32 : 28
  for (let left = view.getUint32(16, little); left > 0; left -= 1) {
    const command = view.getUint32(at, little)
    const size = view.getUint32(at + 4, little)
    // A command that has no length would be read for ever.
    if (size < 8) throw new RangeError('a load command is shorter than its header')
    if (command === (is64 ? LC_SEGMENT_64 : LC_SEGMENT))
      sections.push(...sectionsAt(bytes, view, at, is64, little))
    if (sections.length > MAX_SECTIONS)
      throw new AivError('E_TOO_LARGE', `it has more than ${MAX_SECTIONS} sections`)
    at += size
  }
  return [{ format: 'Mach-O', bytes, isBigEndian: !little, sections }]
}

function sectionsAt(
  bytes: Uint8Array,
  view: DataView,
  segment: number,
  is64: boolean,
  little: boolean,
): readonly Section[] {
  const count = view.getUint32(segment + (is64 ? 64 : 48), little)
  if (count > MAX_SECTIONS) throw new AivError('E_TOO_LARGE', `it has more than ${MAX_SECTIONS} sections`)
  const word = (at: number): number =>
    is64 ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little)
  return Array.from({ length: count }, (_, index) => {
    const at = segment + (is64 ? 72 + index * 80 : 56 + index * 68)
    const [size, offset] = is64 ? [at + 40, at + 48] : [at + 36, at + 40]
    return {
      name: zeroEnded(part(bytes, at, 16)),
      address: word(at + 32),
      data: part(bytes, view.getUint32(offset, little), word(size)),
    }
  })
}
