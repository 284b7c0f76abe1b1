/** The identity that signs a document: opened late, used, erased. */
import { isAivError } from '../../../core/index.ts'
import { erase } from '../../../crypto/index.ts'
import { eraseIdentity, type Identity, loadIdentity } from '../../../identity/index.ts'
import type { BomSigner } from '../../../lint/sign/index.ts'
import { readPassphrase } from '../../io/passphrase.ts'
import { refuseKeyAsArgument } from '../../key/key-files.ts'

export interface KeyOptions {
  readonly passphraseFile: string | undefined
  readonly signal: AbortSignal
}

/**
 * @param path an identity file, encrypted or not
 * @throws AivError as `loadIdentity`, `readPassphrase`; `E_USAGE` when `path` is itself a key
 */
export async function withSigner<T>(
  path: string,
  options: KeyOptions,
  use: (signer: BomSigner) => Promise<T>,
): Promise<T> {
  refuseKeyAsArgument(path)
  const identity = await openIdentity(path, options)
  try {
    return await use(identity.sign)
  } finally {
    eraseIdentity(identity)
  }
}

async function openIdentity(path: string, { passphraseFile, signal }: KeyOptions): Promise<Identity> {
  try {
    return await loadIdentity(path)
  } catch (error) {
    if (!isAivError(error, 'E_PASSPHRASE_REQUIRED')) throw error
    const passphrase = await readPassphrase({
      file: passphraseFile,
      prompt: `Passphrase for ${path}`,
      signal,
    })
    if (passphrase === undefined) throw error
    try {
      return await loadIdentity(path, { passphrase })
    } finally {
      erase(passphrase)
    }
  }
}
