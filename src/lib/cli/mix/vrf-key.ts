/** Keys of verifiable random functions: that of an identity file, or a seed in a file of its own. */
import { AivError, fromHex, latin1 } from '../../core/index.ts'
import { erase, VRF_SEED_BYTES } from '../../crypto/index.ts'
import { eraseIdentity, loadIdentity, readBounded } from '../../identity/index.ts'
import { defaultKeyFile, passphraseOf, refuseKeyAsArgument } from '../key/key-files.ts'
import type { Logger } from '../logger.ts'

const HEX_SEED = /^[0-9a-f]{64}\s*$/i
/** Longer than any seed, shorter than any identity. */
const SEED_FILE_MOST = 128
const IDENTITY_FILE_MOST = 65_536
/** Access by anyone but the owner. */
const OTHERS = 0o077

export interface KeyFlags {
  readonly key?: string | undefined
  readonly 'passphrase-file'?: string | undefined
}

/**
 * The 32-byte seed; the caller erases it.
 * @throws AivError `E_KEY_FILE` when the file holds no such key, and what opening an identity throws
 */
export async function readVrfSeed(flags: KeyFlags, logger: Logger, signal: AbortSignal): Promise<Uint8Array> {
  refuseKeyAsArgument(flags.key)
  const path = flags.key ?? defaultKeyFile()
  const { bytes, mode } = await readBounded(path, IDENTITY_FILE_MOST)
  const seed = bytes.length <= SEED_FILE_MOST ? seedOf(bytes) : undefined
  erase(bytes)
  if (seed !== undefined) {
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
      logger.warn(`other users can read the key in ${path}: chmod 600 ${path}`)
    return seed
  }
  const passphrase = await passphraseOf(path, flags, signal)
  try {
    const identity = await loadIdentity(path, { passphrase })
    const copy = identity.vrf.seed.slice()
    eraseIdentity(identity)
    return copy
  } finally {
    erase(passphrase)
  }
}

function seedOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length === VRF_SEED_BYTES) return bytes.slice()
  const text = latin1(bytes)
  if (HEX_SEED.test(text)) return fromHex(text.trim())
  throw new AivError('E_KEY_FILE', 'the file is neither an identity nor a seed', {
    hint: `A seed has ${VRF_SEED_BYTES} bytes, as they are or in hexadecimal.`,
  })
}
