/** Tells the formats of executables apart. Nothing of them is run. */
import { AivError } from '../../../../core/index.ts'
import { elfImage } from './elf.ts'
import type { BinaryImage } from './image.ts'
import { machoImages } from './macho.ts'
import { peImage } from './pe.ts'

/**
 * @returns one image for each architecture; none when the bytes are no executable of a known format
 * @throws AivError `E_MALFORMED` when it is cut off or damaged, `E_TOO_LARGE`
 */
export function readImages(bytes: Uint8Array): readonly BinaryImage[] {
  try {
    return [...elfImage(bytes), ...peImage(bytes), ...machoImages(bytes)]
  } catch (cause) {
    // What a DataView says of an offset outside of the file.
    if (!(cause instanceof RangeError)) throw cause
    throw new AivError('E_MALFORMED', 'the executable is cut off or damaged', { cause })
  }
}
