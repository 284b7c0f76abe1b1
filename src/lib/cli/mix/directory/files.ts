/** Directories and descriptors as commands read and write them. */
import { AivError, isAivError, utf8 } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { createFileAtomically, type Identity, loadIdentity } from '../../../identity/index.ts'
import {
  findNode,
  MAX_DIRECTORY_BYTES,
  type MixDirectory,
  type MixNode,
  parseDescriptor,
  parseDirectory,
  type SignedDescriptor,
} from '../../../mix/index.ts'
import { readInput } from '../../io/input.ts'
import { defaultKeyFile, passphraseOf, refuseKeyAsArgument } from '../../key/key-files.ts'
import { parseHexValue } from '../hex-value.ts'
import type { KeyFlags } from '../vrf-key.ts'

const ID_BYTES = 32

/** @throws AivError `E_INPUT` when it is none, and as `readInput` */
export async function readDirectory(path: string | undefined): Promise<MixDirectory> {
  return parsed(path, parseDirectory, await readInput(path, { maxBytes: MAX_DIRECTORY_BYTES }))
}

/** @throws AivError `E_INPUT` when it is none, and as `readInput` */
export async function readDescriptor(path: string): Promise<SignedDescriptor> {
  return parsed(path, parseDescriptor, await readInput(path, { maxBytes: MAX_DIRECTORY_BYTES }))
}

function parsed<T>(path: string | undefined, parse: (content: Uint8Array) => T, content: Uint8Array): T {
  try {
    return parse(content)
  } catch (error) {
    if (!isAivError(error, 'E_MALFORMED')) throw error
    throw new AivError('E_INPUT', `${path ?? 'stdin'} cannot be read: ${error.message}`, { cause: error })
  }
}

/**
 * A new file, or a refusal: an older one may be what clients use.
 * @throws AivError `E_INPUT` when the file exists
 */
export async function writeNewFile(path: string, text: string): Promise<void> {
  await createFileAtomically(path, utf8(`${text}\n`), systemRandom)
}

/** The identity that signs; the caller erases it. */
export async function openSigner(flags: KeyFlags, signal: AbortSignal): Promise<Identity> {
  refuseKeyAsArgument(flags.key)
  const path = flags.key ?? defaultKeyFile()
  return await loadIdentity(path, { passphrase: await passphraseOf(path, flags, signal) })
}

/** @throws AivError `E_INPUT` when the directory does not list the node */
export function nodeOf(directory: MixDirectory, id: string): MixNode {
  const node = findNode(directory, parseHexValue(id, 'the id of a node', ID_BYTES))
  if (node === undefined) throw new AivError('E_INPUT', `the directory has no node ${id}`)
  return node
}
