/** Mix key files as the commands name, open and show them. */
import { AivError, fromUtf8, toHex } from '../../../core/index.ts'
import { erase } from '../../../crypto/index.ts'
import { KDF_DEFAULTS, type KdfName, readIdentityInfo } from '../../../identity/index.ts'
import {
  encodePathFile,
  loadMixKey,
  type MixKeyFile,
  type MixKeyInfo,
  nodeIdOf,
  readMixKeyInfo,
  saveMixKey,
} from '../../../mix/index.ts'
import { MixKey } from '../../../sphinx/index.ts'
import { readPassphrase } from '../../io/passphrase.ts'
import type { Fields } from '../../output.ts'

export interface NewMixKeyFlags {
  readonly out: string
  readonly identity?: string | undefined
  readonly passphrase?: boolean
  readonly 'passphrase-file'?: string | undefined
  readonly kdf?: KdfName | undefined
  readonly force?: boolean
}

/**
 * Makes a key and writes it as the flags say.
 * @throws AivError `E_PASSPHRASE_REQUIRED`, `E_USAGE`, and what `saveMixKey` and `readIdentityInfo` throw
 */
export async function makeMixKey(flags: NewMixKeyFlags, signal: AbortSignal): Promise<MixKeyInfo> {
  const { out } = flags
  const key = MixKey.generate()
  const id = nodeIdOf(
    flags.identity === undefined
      ? key.publicKey
      : (await readIdentityInfo(flags.identity)).identity.signPublic,
  )
  const passphrase = await newPassphrase(flags, signal)
  try {
    await saveMixKey(out, id, key, {
      overwrite: flags.force ?? false,
      ...(passphrase === undefined ? {} : { passphrase, kdf: KDF_DEFAULTS[flags.kdf ?? 'argon2id'] }),
    })
    return { id, publicKey: key.publicKey, encrypted: passphrase !== undefined }
  } finally {
    erase(passphrase)
    key.erase()
  }
}

async function newPassphrase(flags: NewMixKeyFlags, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const prompt = flags.passphrase === true ? { prompt: `New passphrase for ${flags.out}`, confirm: true } : {}
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
 * Opens a mix key file, and asks for its passphrase if it has one.
 * @throws AivError as `loadMixKey` and `readPassphrase`
 */
async function openMixKey(
  path: string,
  flags: { readonly 'passphrase-file'?: string | undefined },
  signal: AbortSignal,
): Promise<MixKeyFile> {
  const { encrypted } = await readMixKeyInfo(path)
  if (!encrypted) return await loadMixKey(path)
  const file = flags['passphrase-file']
  const passphrase = await readPassphrase({ file, prompt: `Passphrase for ${path}`, signal })
  try {
    return await loadMixKey(path, passphrase)
  } finally {
    erase(passphrase)
  }
}

/** Several, in the order in which they are tried. */
export async function openMixKeys(
  paths: readonly string[],
  flags: { readonly 'passphrase-file'?: string | undefined },
  signal: AbortSignal,
): Promise<MixKey[]> {
  const keys: MixKey[] = []
  for (const path of paths) keys.push((await openMixKey(path, flags, signal)).key)
  return keys
}

/**
 * The path over the hops of key files.
 * @param delayMs at each hop but the last
 * @throws AivError as `readMixKeyInfo`
 */
export async function pathOfKeys(
  paths: readonly string[],
  delayMs: number | undefined,
): Promise<{ readonly document: Fields; readonly text: string }> {
  const infos: MixKeyInfo[] = []
  for (const path of paths) infos.push(await readMixKeyInfo(path))
  const hops = infos.map(({ id, publicKey }, i) => ({
    id,
    publicKey,
    delayMs: i < infos.length - 1 ? delayMs : undefined,
  }))
  const text = fromUtf8(encodePathFile(hops)).trimEnd()
  return { document: { hops: JSON.parse(text) as unknown }, text }
}

export function mixKeyDocument({ id, publicKey, encrypted }: MixKeyInfo, file: string): Fields {
  return { id, public_key: publicKey, file, encrypted }
}

export function mixKeyText({ id, publicKey, encrypted }: MixKeyInfo, file: string): string {
  return [
    `id      ${toHex(id)}`,
    `public  ${toHex(publicKey)}`,
    `file    ${file}${encrypted ? '' : ' (not encrypted)'}`,
  ].join('\n')
}
