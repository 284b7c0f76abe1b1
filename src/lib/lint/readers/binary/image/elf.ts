/** ELF (System V ABI, chapter 4), 32 and 64 bits, both byte orders. */
import { AivError } from '../../../../core/index.ts'
import { type BinaryImage, MAX_SECTIONS, part, type Section, viewOf, zeroEnded } from './image.ts'

const MAGIC = 0x7f454c46
const SHT_NOBITS = 8
const PT_LOAD = 1
/** The number of sections does not fit its field: it stands in the first section. */
const SHN_XINDEX = 0xffff
/** Names of sections are short; a table of gigabytes is not searched for an end. */
const MAX_NAME_BYTES = 256

/** Where the fields are that differ with the width. */
const LAYOUT = {
  32: { phoff: 28, shoff: 32, phentsize: 42, address: 12, offset: 16, size: 20, link: 24, phAddress: 8 },
  64: { phoff: 32, shoff: 40, phentsize: 54, address: 16, offset: 24, size: 32, link: 40, phAddress: 16 },
} as const

interface Elf {
  readonly bytes: Uint8Array
  readonly layout: (typeof LAYOUT)[32 | 64]
  u16(at: number): number
  u32(at: number): number
  /** 32 or 64 bits, as wide as addresses. */
  word(at: number): number
}

/** @throws RangeError when it is cut off; AivError `E_TOO_LARGE` */
export function elfImage(bytes: Uint8Array): readonly BinaryImage[] {
  const view = viewOf(bytes)
  if (bytes.length < 16 || view.getUint32(0) !== MAGIC) return []
  const width = bytes[4] === 2 ? 64 : 32
  const little = bytes[5] !== 2
  const elf: Elf = {
    bytes,
    layout: LAYOUT[width],
    u16: (at) => view.getUint16(at, little),
    u32: (at) => view.getUint32(at, little),
    word: (at) => (width === 64 ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little)),
  }
  const sections = sectionsOf(elf)
  return [
    {
      format: 'ELF',
      bytes,
      isBigEndian: !little,
      sections: sections.length > 0 ? sections : segmentsOf(elf),
    },
  ]
}

function sectionsOf(elf: Elf): readonly Section[] {
  const { bytes, layout, u16, u32, word } = elf
  const start = word(layout.shoff)
  if (start === 0) return []
  const after = layout.phentsize + 4
  const entry = u16(after)
  const listed = u16(after + 2)
  const count = listed === 0 ? word(start + layout.size) : listed
  if (count > MAX_SECTIONS) throw new AivError('E_TOO_LARGE', `it has more than ${MAX_SECTIONS} sections`)
  const header = (index: number): number => start + index * entry
  const dataOf = (at: number): Uint8Array =>
    u32(at + 4) === SHT_NOBITS
      ? bytes.subarray(0, 0)
      : part(bytes, word(at + layout.offset), word(at + layout.size))
  const listedNames = u16(after + 4)
  const names = dataOf(header(listedNames === SHN_XINDEX ? u32(start + layout.link) : listedNames))
  return Array.from({ length: count }, (_, index) => {
    const at = header(index)
    return {
      name: zeroEnded(part(names, u32(at), MAX_NAME_BYTES)),
      address: word(at + layout.address),
      data: dataOf(at),
    }
  })
}

/** A program runs without its table of sections, and some tools take it away. */
function segmentsOf({ bytes, layout, u16, u32, word }: Elf): readonly Section[] {
  const start = word(layout.phoff)
  const entry = u16(layout.phentsize)
  const count = start === 0 ? 0 : u16(layout.phentsize + 2)
  return Array.from({ length: count }, (_, index) => start + index * entry)
    .filter((at) => u32(at) === PT_LOAD)
    .map((at) => {
      const width = layout === LAYOUT[64] ? 8 : 4
      const [offset, size] = width === 8 ? [at + 8, at + 32] : [at + 4, at + 16]
      return {
        name: '',
        address: word(at + layout.phAddress),
        data: part(bytes, word(offset), word(size)),
      }
    })
}
