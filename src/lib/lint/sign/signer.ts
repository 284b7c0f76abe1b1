/** Who signs a document, who is trusted to, and what came of it. */
import { equal } from '../../core/index.ts'
import { peerIdOf } from '../../identity/index.ts'

/** An Ed25519 key pair; that of an identity is its `sign`. */
export interface BomSigner {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** @returns 64 bytes */
  sign(message: Uint8Array): Uint8Array
}

/** A signer that the user trusts: by its Ed25519 public key, or by its peer id, which is the hash of that key. */
export type TrustedSigner = { readonly publicKey: Uint8Array } | { readonly peer: string }

export interface Verification {
  /** Where the signature is: inside a CycloneDX document, or in an envelope around any document. */
  readonly kind: 'jsf' | 'dsse' | 'none'
  /** The signature holds for these bytes and this key. */
  readonly valid: boolean
  /** The key is one that the user trusts. Never true where {@link valid} is not. */
  readonly trusted: boolean
  /** Peer id of the key, where it is known. */
  readonly signer?: string | undefined
  /** Why it is not valid or not trusted, one sentence. */
  readonly reason?: string | undefined
  /** The bytes that were signed: who goes on with them need not read another file. Only where {@link valid}. */
  readonly document?: Uint8Array | undefined
}

export function isTrusted(publicKey: Uint8Array, trusted: readonly TrustedSigner[]): boolean {
  const peer = peerIdOf(publicKey)
  return trusted.some((signer) =>
    'peer' in signer ? signer.peer === peer : equal(signer.publicKey, publicKey),
  )
}

/** Keys that a signature without a key of its own may be from. */
export function knownKeys(trusted: readonly TrustedSigner[]): readonly Uint8Array[] {
  return trusted.flatMap((signer) => ('publicKey' in signer ? [signer.publicKey] : []))
}
