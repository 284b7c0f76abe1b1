/** What the two ways of receiving a file, an accepted put and our own get, have in common. */
import { isAivError } from '../../../core/index.ts'
import type { IncrementalHash } from '../../../crypto/index.ts'
import type { ByteReader } from '../byte-reader.ts'
import type { Landing } from './disk/landing.ts'
import type { Overwrite, PartFile } from './disk/part-file.ts'
import { isClaimed } from './disk/transfer-claims.ts'
import type { ReceivedFile } from './types.ts'
import type { FileOffer } from './wire/items.ts'
import { receiveBytes } from './wire/receive-file.ts'
import type { OnProgress } from './wire/send-file.ts'

export interface Reception {
  readonly landing: Landing
  readonly offer: FileOffer
  readonly overwrite: Overwrite
  readonly reader: ByteReader
  readonly onMoved: () => void
  readonly onProgress: OnProgress | undefined
}

/**
 * Receives into an unfinished file, which becomes the file when its hash is right, stays for another attempt when the
 * transfer broke, and is deleted when its content is wrong or no longer wanted.
 * @param hash has absorbed all that `part` holds
 */
export async function receivePart(
  reception: Reception,
  part: PartFile,
  hash: IncrementalHash,
): Promise<ReceivedFile> {
  const { landing, offer, overwrite, reader, onMoved, onProgress } = reception
  const { size, mtime, mode } = offer
  const from = part.size
  try {
    const sha256 = await receiveBytes({ reader, size, from, hash, part, onMoved, onProgress })
    await part.publish({ name: landing.fileName, size, mtime, mode, overwrite })
    await tidyUp(landing)
    return { name: offer.name, size, resumedFrom: from, sha256, unchanged: false }
  } catch (error) {
    if (isAivError(error, 'E_FILE_MISMATCH') || isAivError(error, 'E_FILE_EXISTS')) await part.discard()
    throw error
  }
}

/** The file is there and verified; what other attempts have left beside it is no reason to say anything else. */
async function tidyUp(landing: Landing): Promise<void> {
  try {
    await landing.removeParts((name) => !isClaimed(landing.partKey(name)))
  } catch (error) {
    if (!isAivError(error)) throw error
  }
}

/**
 * Makes sure that the file which is there already is the one that was offered.
 * @param hash has absorbed the whole file
 */
export async function confirmTarget(reception: Reception, hash: IncrementalHash): Promise<ReceivedFile> {
  const { offer, reader, onMoved, onProgress } = reception
  const { name, size } = offer
  const sha256 = await receiveBytes({ reader, size, from: size, hash, part: undefined, onMoved, onProgress })
  return { name, size, resumedFrom: size, sha256, unchanged: true }
}
