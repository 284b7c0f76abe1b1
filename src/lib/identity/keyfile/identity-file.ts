/** The identity file: reading, writing and changing it, with or without a passphrase. */
import { AivError, type Clock, equal, type RandomSource } from '../../core/index.ts'
import { erase, systemRandom } from '../../crypto/index.ts'
import { isCertificateOf, parseCertificate } from '../certificate.ts'
import { MAX_IDENTITY_FILE_BYTES } from '../constants.ts'
import { createFileAtomically, readBounded, replaceFileAtomically } from '../files/atomic-file.ts'
import { withFileLock } from '../files/file-lock.ts'
import {
  eraseIdentity,
  eraseSecrets,
  exportPublic,
  exportSecrets,
  type Identity,
  keyPairsOf,
  type PublicIdentity,
  renewCertificate,
} from '../identity.ts'
import { peerIdOf } from '../peer-id.ts'
import {
  encodeDocument,
  headerBytes,
  type IdentityDocument,
  type IdentityHeader,
  joinSecrets,
  parseDocument,
  splitSecrets,
} from './identity-document.ts'
import {
  KDF_DEFAULTS,
  type KdfParameters,
  newEncryption,
  openSecrets,
  sealSecrets,
} from './key-protection.ts'
import { refuseOpenFile } from './refuse-open-file.ts'

export interface LoadIdentityOptions {
  /** UTF-8 bytes; not needed, and not used, when the file is not encrypted. */
  readonly passphrase?: Uint8Array | undefined
}

export interface SaveIdentityOptions {
  /** UTF-8 bytes; without it the secrets are written as they are. */
  readonly passphrase?: Uint8Array | undefined
  /** Default `KDF_DEFAULTS.argon2id`. */
  readonly kdf?: KdfParameters
  /** Replaces an existing file; default false. */
  readonly overwrite?: boolean
  /** Default: the system's. */
  readonly random?: RandomSource
}

/** What an identity file shows without its passphrase. */
export interface IdentityFileInfo {
  readonly identity: PublicIdentity
  readonly encrypted: boolean
}

/**
 * Reads an identity file.
 * @throws AivError `E_PASSPHRASE_REQUIRED`, `E_PASSPHRASE_WRONG`, `E_KEY_FILE`, `E_NOT_FOUND`, `E_PERMISSION`, `E_IO`
 */
export async function loadIdentity(path: string, options: LoadIdentityOptions = {}): Promise<Identity> {
  return openDocument(await readDocument(path), path, options.passphrase)
}

/**
 * Reads the public part only. In an encrypted file the VRF and KEM keys are as trustworthy as the file: only the
 * signing and Noise keys are tied together by a signature.
 * @throws AivError `E_KEY_FILE`, `E_NOT_FOUND`, `E_PERMISSION`, `E_IO`
 */
export async function readIdentityInfo(path: string): Promise<IdentityFileInfo> {
  const { header } = await readDocument(path)
  const { notBefore, notAfter } = parseCertificate(header.certificate)
  const { peer, signPublic, noisePublic, vrfPublic, kemPublic, certificate } = header
  return {
    identity: { peer, signPublic, noisePublic, vrfPublic, kemPublic, certificate, notBefore, notAfter },
    encrypted: header.encryption !== undefined,
  }
}

/**
 * Writes an identity file of mode 0600, as a whole or not at all.
 * @throws AivError `E_INPUT` when the file exists and `overwrite` is not set, or the passphrase is empty;
 *   `E_KEY_FILE` on excessive `kdf` parameters; `E_NOT_FOUND`, `E_PERMISSION`, `E_IO`
 */
export async function saveIdentity(
  path: string,
  identity: Identity,
  options: SaveIdentityOptions = {},
): Promise<void> {
  const random = options.random ?? systemRandom
  const content = await encodeIdentity(identity, options, random)
  try {
    if (options.overwrite === true) await withFileLock(path, () => replaceFileAtomically(path, content))
    else await createFileAtomically(path, content, random)
  } finally {
    erase(content)
  }
}

/**
 * Reads, changes and rewrites an identity file while no other process does. The encryption stays of the same kind.
 * @param change returns the new identity, or its argument to leave the file as it is
 * @returns what `change` returned
 * @throws AivError as `loadIdentity` and `saveIdentity`; `E_TIMEOUT` when another process holds the file
 */
export async function updateIdentity(
  path: string,
  change: (identity: Identity) => Identity,
  options: LoadIdentityOptions & { readonly random?: RandomSource } = {},
): Promise<Identity> {
  return withFileLock(path, async () => {
    const document = await readDocument(path)
    const identity = await openDocument(document, path, options.passphrase)
    const changed = change(identity)
    if (changed === identity) return identity
    const { encryption } = document.header
    const protection = encryption === undefined ? {} : { passphrase: options.passphrase, kdf: encryption.kdf }
    const content = await encodeIdentity(changed, protection, options.random ?? systemRandom)
    try {
      await replaceFileAtomically(path, content)
    } finally {
      erase(content)
    }
    return changed
  })
}

/**
 * Renews the certificate of an identity in use, once it is due, in its file. Processes that share the file show
 * the same certificate: the first one renews, the others adopt it. Two that renewed alone would look to a peer like
 * a roll-back.
 * @param identity as it was loaded or returned last
 * @returns what to show from now on; `identity` itself when nothing is due, or when the file holds another Noise key
 *   since a rotation: then a restart is due
 * @throws AivError as `updateIdentity`
 */
export async function renewIdentityFile(
  path: string,
  identity: Identity,
  options: LoadIdentityOptions & { readonly clock: Clock },
): Promise<Identity> {
  if (renewCertificate(identity, options.clock) === identity) return identity
  // Known without the passphrase: hashing it for each handshake after a rotation would be a load.
  const { identity: stored } = await readIdentityInfo(path)
  if (!equal(stored.noisePublic, identity.noise.publicKey)) return identity
  const current = await updateIdentity(
    path,
    (found) =>
      equal(found.noise.publicKey, identity.noise.publicKey) ? renewCertificate(found, options.clock) : found,
    options,
  )
  const { certificate, lastNotBefore } = current
  const isOurs = equal(current.noise.publicKey, identity.noise.publicKey)
  eraseIdentity(current)
  return isOurs ? { ...identity, certificate, lastNotBefore } : identity
}

async function encodeIdentity(
  identity: Identity,
  options: SaveIdentityOptions,
  random: RandomSource,
): Promise<Uint8Array> {
  const { passphrase } = options
  if (passphrase?.length === 0) throw new AivError('E_INPUT', 'the passphrase is empty')
  const header: IdentityHeader = {
    ...exportPublic(identity),
    lastNotBefore: identity.lastNotBefore,
    encryption:
      passphrase === undefined ? undefined : newEncryption(options.kdf ?? KDF_DEFAULTS.argon2id, random),
  }
  const parts = exportSecrets(identity)
  const plain = joinSecrets(parts)
  eraseSecrets(parts)
  try {
    const secrets =
      passphrase === undefined || header.encryption === undefined
        ? plain
        : await sealSecrets(plain, passphrase, header.encryption, headerBytes(header))
    return encodeDocument({ header, secrets })
  } finally {
    erase(plain)
  }
}

async function readDocument(path: string): Promise<IdentityDocument> {
  const { bytes, mode } = await readBounded(path, MAX_IDENTITY_FILE_BYTES)
  try {
    const document = parseDocument(bytes)
    if (document.header.encryption === undefined) refuseOpenFile(path, mode)
    checkHeader(document.header)
    return document
  } finally {
    erase(bytes)
  }
}

/** The public parts must fit each other before any of them is shown or used. */
function checkHeader(header: IdentityHeader): void {
  if (peerIdOf(header.signPublic) !== header.peer) throw mismatch('peer id')
  if (!isCertificateOf(header.certificate, header)) throw mismatch('certificate')
}

async function openDocument(
  { header, secrets }: IdentityDocument,
  path: string,
  passphrase: Uint8Array | undefined,
): Promise<Identity> {
  let plain = secrets
  if (header.encryption !== undefined) {
    if (passphrase === undefined)
      throw new AivError('E_PASSPHRASE_REQUIRED', `${path} is encrypted`, {
        hint: 'Give --passphrase-file, set AIV_PASSPHRASE, or run it on a terminal.',
      })
    plain = await openSecrets(secrets, passphrase, header.encryption, headerBytes(header))
  }
  try {
    return identityOf(header, plain)
  } finally {
    erase(plain)
  }
}

function identityOf(header: IdentityHeader, secrets: Uint8Array): Identity {
  const keys = keyPairsOf(splitSecrets(secrets))
  if (!equal(keys.sign.publicKey, header.signPublic)) throw mismatch('signing key')
  if (!equal(keys.noise.publicKey, header.noisePublic)) throw mismatch('Noise key')
  if (!equal(keys.vrf.publicKey, header.vrfPublic)) throw mismatch('VRF key')
  if (!equal(keys.kem.encapsulationKey, header.kemPublic)) throw mismatch('KEM key')
  return { ...keys, certificate: header.certificate, lastNotBefore: header.lastNotBefore }
}

function mismatch(what: string): AivError {
  return new AivError('E_KEY_FILE', `the identity cannot be read: its ${what} does not fit`, {
    hint: 'The file was altered; restore it from a copy.',
  })
}
