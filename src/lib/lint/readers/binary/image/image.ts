/** The parts of an executable that are looked at: its sections, by name and address. */

export interface Section {
  /** `.go.buildinfo`, `__go_buildinfo`; segments without sections have none. */
  readonly name: string
  /** Of its first byte when the program runs. */
  readonly address: number
  /** What of it lies in the file; nothing for memory that starts as zeros. */
  readonly data: Uint8Array
}

export interface BinaryImage {
  readonly format: 'ELF' | 'PE' | 'Mach-O'
  /** The whole file, or the part of a universal file that is for one architecture. */
  readonly bytes: Uint8Array
  readonly sections: readonly Section[]
  readonly isBigEndian: boolean
}

/** More than any program has; the largest with a section for each function have some ten thousand. */
export const MAX_SECTIONS = 65_536

/** Bytes of a running program at an address, as far as the file has them. */
export function bytesAt({ sections }: BinaryImage, address: number, length: number): Uint8Array | undefined {
  for (const section of sections) {
    const start = address - section.address
    if (start >= 0 && start + length <= section.data.length)
      return section.data.subarray(start, start + length)
  }
  return undefined
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Bytes of the file that are there; an offset that a hostile header invents gives fewer. */
export function part(bytes: Uint8Array, offset: number, size: number): Uint8Array {
  return bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + size, bytes.length))
}

/** Text up to the first zero. */
export function zeroEnded(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString('latin1')
}
