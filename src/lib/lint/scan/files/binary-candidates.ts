/** Which files are programs, by their first bytes: names do not tell. */

/** How many bytes {@link looksLikeBinary} looks at. */
export const BINARY_MAGIC_BYTES = 8

/**
 * Both a universal Mach-O file and a Java class begin with `cafebabe`. Then comes the number of architectures, or the
 * version of the class, which is 45 or more.
 */
const MAX_ARCHITECTURES = 44

/** @param firstBytes of the file, at least {@link BINARY_MAGIC_BYTES} where it has them */
export function looksLikeBinary(firstBytes: Uint8Array): boolean {
  if (firstBytes[0] === 0x4d && firstBytes[1] === 0x5a) return true
  if (firstBytes.length < BINARY_MAGIC_BYTES) return false
  const view = new DataView(firstBytes.buffer, firstBytes.byteOffset, firstBytes.byteLength)
  const magic = view.getUint32(0)
  switch (magic) {
    // ELF
    case 0x7f454c46:
      return true
    // Mach-O, 32 and 64 bits, both byte orders
    case 0xfeedface:
    case 0xfeedfacf:
    case 0xcefaedfe:
    case 0xcffaedfe:
      return true
    // universal Mach-O, 32 and 64 bits of offset
    case 0xcafebabe:
    case 0xcafebabf:
      return view.getUint32(4) > 0 && view.getUint32(4) <= MAX_ARCHITECTURES
    default:
      return false
  }
}
