/** Identity files as the key commands name, open and show them. */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AivError, utf8 } from '../../core/index.ts'
import { erase, systemRandom } from '../../crypto/index.ts'
import {
  createFileAtomically,
  exportPublic,
  type Identity,
  identityPath,
  KDF_DEFAULTS,
  type KdfName,
  loadIdentity,
  type PortableIdentity,
  type PublicIdentity,
  portablePublic,
  portableSecret,
  readIdentityInfo,
  saveIdentity,
} from '../../identity/index.ts'
import { readPassphrase } from '../io/passphrase.ts'
import type { Fields } from '../output.ts'
import { stateFolders } from '../state-folders.ts'

const LOOKS_LIKE_A_SEED = /^(?:0x)?[0-9a-f]{64}$/i

/**
 * A seed where a file name belongs would be quoted by "no such file", after `ps` and the shell's history have it.
 * @throws AivError `E_USAGE`
 */
export function refuseKeyAsArgument(argument: string | undefined): void {
  if (argument === undefined || !LOOKS_LIKE_A_SEED.test(argument)) return
  throw new AivError('E_USAGE', 'a key is never taken from the command line', {
    hint: 'Put it into a file or pipe it in. Other users may have seen this one: do not use it.',
  })
}

/** The identity file that is meant when none is named. */
export function defaultKeyFile(): string {
  return identityPath(stateFolders().config)
}

export interface NewFileFlags {
  readonly out?: string | undefined
  readonly passphrase?: boolean
  readonly 'passphrase-file'?: string | undefined
  readonly kdf?: KdfName | undefined
  readonly force?: boolean
}

export interface WrittenKey {
  readonly path: string
  readonly encrypted: boolean
}

/**
 * Writes a new identity file as the flags say.
 * @throws AivError `E_PASSPHRASE_REQUIRED` when one was to be asked for and there is no terminal, `E_USAGE`, and what
 *   `saveIdentity` throws
 */
export async function writeNewKey(
  identity: Identity,
  flags: NewFileFlags,
  signal: AbortSignal,
): Promise<WrittenKey> {
  const path = flags.out ?? defaultKeyFile()
  const passphrase = await newPassphrase(path, flags, signal)
  try {
    if (flags.out === undefined) await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await saveIdentity(path, identity, {
      overwrite: flags.force ?? false,
      ...(passphrase === undefined ? {} : { passphrase, kdf: KDF_DEFAULTS[flags.kdf ?? 'argon2id'] }),
    })
  } finally {
    erase(passphrase)
  }
  return { path, encrypted: passphrase !== undefined }
}

async function newPassphrase(
  path: string,
  flags: NewFileFlags,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const prompt = flags.passphrase === true ? { prompt: `New passphrase for ${path}`, confirm: true } : {}
  const passphrase = await readPassphrase({ file: flags['passphrase-file'], signal, ...prompt })
  if (passphrase !== undefined) return passphrase
  if (flags.passphrase === true)
    throw new AivError('E_PASSPHRASE_REQUIRED', 'there is no terminal to ask for the passphrase on', {
      hint: 'Use --passphrase-file or set AIV_PASSPHRASE.',
    })
  if (flags.kdf !== undefined)
    throw new AivError('E_USAGE', '--kdf is of no use without a passphrase', {
      hint: 'Add --passphrase or --passphrase-file.',
    })
  return undefined
}

/**
 * The passphrase of an existing identity file; undefined when it has none. The caller erases it.
 * @throws AivError `E_PASSPHRASE_REQUIRED`, and what `readIdentityInfo` and `readPassphrase` throw
 */
export async function passphraseOf(
  path: string,
  flags: { readonly 'passphrase-file'?: string | undefined },
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { encrypted } = await readIdentityInfo(path)
  if (!encrypted) return undefined
  const passphrase = await readPassphrase({
    file: flags['passphrase-file'],
    prompt: `Passphrase for ${path}`,
    signal,
  })
  if (passphrase !== undefined) return passphrase
  throw new AivError('E_PASSPHRASE_REQUIRED', `${path} is encrypted`, {
    hint: 'Use --passphrase-file, set AIV_PASSPHRASE, or run it on a terminal.',
  })
}

/**
 * The document of `key export`.
 * @throws AivError as `passphraseOf` and `loadIdentity`
 */
export async function exportDocument(
  path: string,
  flags: { readonly secret?: boolean; readonly 'passphrase-file'?: string | undefined },
  signal: AbortSignal,
): Promise<PortableIdentity> {
  if (flags.secret !== true) return portablePublic((await readIdentityInfo(path)).identity)
  const passphrase = await passphraseOf(path, flags, signal)
  try {
    const identity = await loadIdentity(path, { passphrase })
    return { ...portablePublic(exportPublic(identity)), secret: portableSecret(identity) }
  } finally {
    erase(passphrase)
  }
}

/**
 * Writes a document to a new file of mode 0600.
 * @throws AivError `E_INPUT` when the file exists, `E_NOT_FOUND`, `E_PERMISSION`, `E_IO`
 */
export async function writeDocument(path: string, text: string): Promise<void> {
  const content = utf8(`${text}\n`)
  await createFileAtomically(path, content, systemRandom)
  erase(content)
}

/** What a key command answers about an identity. */
export function keyDocument(identity: PublicIdentity, file: WrittenKey): Fields {
  const { v: _, ...shown } = portablePublic(identity)
  return { ...shown, file: file.path, encrypted: file.encrypted }
}

/** The same for people. */
export function keyText(identity: PublicIdentity, file: WrittenKey): string {
  const shown = portablePublic(identity)
  const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)
  return [
    `peer         ${shown.peer}`,
    `sign         ${shown.sign_public}`,
    `noise        ${shown.noise_public}`,
    `vrf          ${shown.vrf_public}`,
    `kem          ${identity.kemPublic.length} bytes, see --json`,
    `certificate  ${day(identity.notBefore)} to ${day(identity.notAfter)}, renewed at half of it`,
    `file         ${file.path}${file.encrypted ? '' : ' (not encrypted)'}`,
  ].join('\n')
}
