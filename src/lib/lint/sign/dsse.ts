/** Dead Simple Signing Envelopes (DSSE 1.0.2): a signature around a document of any format. */
import { concat, equal, fromHex, toHex, utf8 } from '../../core/index.ts'
import { ED25519_BYTES, ed25519 } from '../../crypto/index.ts'
import { peerIdOf } from '../../identity/index.ts'
import { string, type Table, tables } from '../readers/parse/index.ts'
import { base64, fromBase64 } from './encodings.ts'
import { type BomSigner, isTrusted, knownKeys, type TrustedSigner, type Verification } from './signer.ts'

/** What a signature may be over: a key that signs other things too must not make a bill of materials by accident. */
export const PAYLOAD_TYPES = {
  'spdx-json': 'application/spdx+json',
  'spdx-tv': 'text/spdx',
  cyclonedx: 'application/vnd.cyclonedx+json',
} as const
export type PayloadType = (typeof PAYLOAD_TYPES)[keyof typeof PAYLOAD_TYPES]

/** By which a JSON document is known as a bill of materials. */
const DOCUMENT_MEMBERS = ['bomFormat', 'spdxVersion', 'SPDXID', '@context', '@graph']

/** Signers of one envelope; each costs a verification. */
const MAX_SIGNATURES = 64
/** A public key in hex: the name of a key is its bytes, so that no table is needed to check the signature. */
const KEY_ID = /^[0-9a-f]{64}$/

export function signDsse(payload: Uint8Array, payloadType: PayloadType, signer: BomSigner): Table {
  const signature = signer.sign(preAuthenticationEncoding(payloadType, payload))
  return {
    payloadType,
    payload: base64(payload, 'base64'),
    signatures: [{ keyid: toHex(signer.publicKey), sig: base64(signature, 'base64') }],
  }
}

/** Whether the value is an envelope, right or wrong. */
export function isEnvelope(value: Table): boolean {
  return 'payloadType' in value && 'payload' in value && 'signatures' in value
}

/**
 * @param beside the document that lies beside the envelope; it has to be the one inside
 * @throws AivError `E_MALFORMED` on what cannot be decoded
 */
export function verifyDsse(
  envelope: Table,
  trusted: readonly TrustedSigner[],
  beside?: Uint8Array,
): Verification {
  const refuse = (reason: string, signer?: string): Verification => ({
    kind: 'dsse',
    valid: false,
    trusted: false,
    signer,
    reason,
  })
  // Readers would take such a file for a document, which is not the one that is signed.
  const foreign = DOCUMENT_MEMBERS.find((name) => Object.hasOwn(envelope, name))
  if (foreign !== undefined) return refuse(`the envelope has "${foreign}", which only documents have`)
  const payloadType = string(envelope.payloadType) ?? ''
  if (!(Object.values(PAYLOAD_TYPES) as readonly string[]).includes(payloadType))
    return refuse(`it is signed as ${JSON.stringify(payloadType)}, which is no bill of materials`)
  const payload = fromBase64(envelope.payload, 'base64', 'the payload of the envelope')
  if (beside !== undefined && !equal(payload, beside))
    return refuse('the document is not the one in the envelope')
  const signatures = tables(envelope.signatures)
  if (signatures.length > MAX_SIGNATURES)
    return refuse(`the envelope has more than ${MAX_SIGNATURES} signatures`)
  const bytes = preAuthenticationEncoding(payloadType, payload)
  const signers = signatures.flatMap(({ keyid, sig }) => {
    const signed = fromBase64(sig, 'base64', 'a signature of the envelope')
    const named = typeof keyid === 'string' && KEY_ID.test(keyid) ? [fromHex(keyid)] : []
    const key = [...named, ...knownKeys(trusted)].find((candidate) =>
      candidate.length === ED25519_BYTES ? ed25519.verify(candidate, bytes, signed) : false,
    )
    return key === undefined ? [] : [key]
  })
  // One signer who is trusted is enough; others may have signed too.
  const key = signers.find((candidate) => isTrusted(candidate, trusted)) ?? signers[0]
  if (key === undefined)
    return refuse('no signature of the envelope is of a key that it names or that is given')
  return {
    kind: 'dsse',
    valid: true,
    trusted: isTrusted(key, trusted),
    signer: peerIdOf(key),
    document: payload,
  }
}

/** `DSSEv1 LENGTH TYPE LENGTH PAYLOAD` with lengths in bytes, so that no type can be read as part of a payload. */
function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8(payloadType)
  return concat(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload)
}
