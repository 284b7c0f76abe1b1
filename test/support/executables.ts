/** Executables that hold nothing but named sections, for tests of who reads them. They cannot run. */

export interface MadeSection {
  readonly name: string
  readonly data: Uint8Array
  readonly address?: number
}

/** Sections begin at multiples of this in the file. */
const BLOCK = 64
const SHT_PROGBITS = 1
const SHT_STRTAB = 3

interface Placed extends MadeSection {
  readonly offset: number
}

function placed(
  sections: readonly MadeSection[],
  start: number,
): { readonly all: Placed[]; readonly end: number } {
  let offset = Math.ceil(start / BLOCK) * BLOCK
  const all = sections.map((section) => {
    const at = offset
    offset = Math.ceil((offset + section.data.length) / BLOCK) * BLOCK
    return { ...section, offset: at }
  })
  return { all, end: offset }
}

/** System V ABI, chapter 4. */
export function makeElf(
  sections: readonly MadeSection[],
  { width = 64, big = false }: { readonly width?: 32 | 64; readonly big?: boolean } = {},
): Uint8Array {
  const names = Buffer.from(`\0${sections.map(({ name }) => `${name}\0`).join('')}.shstrtab\0`, 'latin1')
  const { all, end } = placed([...sections, { name: '.shstrtab', data: names }], 64)
  const entry = width === 64 ? 64 : 40
  const bytes = new Uint8Array(end + (all.length + 1) * entry)
  const view = new DataView(bytes.buffer)
  const u16 = (at: number, value: number): void => view.setUint16(at, value, !big)
  const u32 = (at: number, value: number): void => view.setUint32(at, value, !big)
  const word = (at: number, value: number): void =>
    width === 64 ? view.setBigUint64(at, BigInt(value), !big) : u32(at, value)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, width === 64 ? 2 : 1, big ? 2 : 1, 1])
  u16(16, 2)
  u16(18, big ? 21 : width === 64 ? 62 : 3)
  u32(20, 1)
  word(width === 64 ? 40 : 32, end)
  const after = width === 64 ? 52 : 40
  u16(after, width === 64 ? 64 : 52)
  u16(after + 6, entry)
  u16(after + 8, all.length + 1)
  u16(after + 10, all.length)
  for (const [index, { name, data, offset, address = 0 }] of all.entries()) {
    bytes.set(data, offset)
    const at = end + (index + 1) * entry
    u32(at, names.indexOf(`\0${name}\0`) + 1)
    u32(at + 4, name === '.shstrtab' ? SHT_STRTAB : SHT_PROGBITS)
    const [addressAt, offsetAt, sizeAt] = width === 64 ? [16, 24, 32] : [12, 16, 20]
    word(at + addressAt, address)
    word(at + offsetAt, offset)
    word(at + sizeAt, data.length)
  }
  return bytes
}

/** Microsoft's "PE Format": a PE32+ image for x64. */
export function makePe(sections: readonly MadeSection[]): Uint8Array {
  const header = 64
  const table = header + 24 + 112
  const { all, end } = placed(sections, table + sections.length * 40)
  const bytes = new Uint8Array(end)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 0x5a4d, true)
  view.setUint32(0x3c, header, true)
  view.setUint32(header, 0x4550, true)
  view.setUint16(header + 4, 0x8664, true)
  view.setUint16(header + 6, all.length, true)
  view.setUint16(header + 20, 112, true)
  view.setUint16(header + 24, 0x20b, true)
  view.setBigUint64(header + 48, 0x140000000n, true)
  for (const [index, { name, data, offset, address = 0 }] of all.entries()) {
    bytes.set(data, offset)
    const at = table + index * 40
    bytes.set(Buffer.from(name, 'latin1').subarray(0, 8), at)
    view.setUint32(at + 8, data.length, true)
    view.setUint32(at + 12, address, true)
    view.setUint32(at + 16, Math.ceil(data.length / BLOCK) * BLOCK, true)
    view.setUint32(at + 20, offset, true)
  }
  return bytes
}

/** Apple's `mach-o/loader.h`: one segment with all sections, for arm64 or armv7. */
export function makeMachO(
  sections: readonly MadeSection[],
  { width = 64, big = false }: { readonly width?: 32 | 64; readonly big?: boolean } = {},
): Uint8Array {
  const [headerBytes, segmentBytes, sectionBytes] = width === 64 ? [32, 72, 80] : [28, 56, 68]
  const { all, end } = placed(sections, headerBytes + segmentBytes + sections.length * sectionBytes)
  const bytes = new Uint8Array(end)
  const view = new DataView(bytes.buffer)
  const u32 = (at: number, value: number): void => view.setUint32(at, value, !big)
  const word = (at: number, value: number): void =>
    width === 64 ? view.setBigUint64(at, BigInt(value), !big) : u32(at, value)
  u32(0, width === 64 ? 0xfeedfacf : 0xfeedface)
  u32(4, width === 64 ? 0x0100000c : 12)
  u32(12, 2)
  u32(16, 1)
  u32(20, segmentBytes + sections.length * sectionBytes)
  u32(headerBytes, width === 64 ? 0x19 : 1)
  u32(headerBytes + 4, segmentBytes + sections.length * sectionBytes)
  bytes.set(Buffer.from('__DATA'), headerBytes + 8)
  u32(headerBytes + (width === 64 ? 64 : 48), sections.length)
  for (const [index, { name, data, offset, address = 0 }] of all.entries()) {
    bytes.set(data, offset)
    const at = headerBytes + segmentBytes + index * sectionBytes
    bytes.set(Buffer.from(name, 'latin1').subarray(0, 16), at)
    bytes.set(Buffer.from('__DATA'), at + 16)
    word(at + 32, address)
    word(at + (width === 64 ? 40 : 36), data.length)
    u32(at + (width === 64 ? 48 : 40), offset)
  }
  return bytes
}

/** Apple's `mach-o/fat.h`. */
export function makeUniversal(images: readonly Uint8Array[]): Uint8Array {
  const { all, end } = placed(
    images.map((data) => ({ name: '', data })),
    8 + images.length * 20,
  )
  const bytes = new Uint8Array(end)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0xcafebabe)
  view.setUint32(4, images.length)
  for (const [index, { data, offset }] of all.entries()) {
    bytes.set(data, offset)
    view.setUint32(8 + index * 20 + 8, offset)
    view.setUint32(8 + index * 20 + 12, data.length)
  }
  return bytes
}
