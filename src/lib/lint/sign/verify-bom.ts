/** Verifies the signatures of documents. */
import { AivError, fromUtf8 } from '../../core/index.ts'
import { isTable, type Table } from '../readers/parse/index.ts'
import { isEnvelope, verifyDsse } from './dsse.ts'
import { verifyJsf } from './jsf.ts'
import { parseSignable } from './signable-json.ts'
import type { TrustedSigner, Verification } from './signer.ts'

const UNSIGNED: Verification = {
  kind: 'none',
  valid: false,
  trusted: false,
  reason: 'the document has no signature',
}

/**
 * @param file a document that is signed inside, an envelope, or a document whose envelope is given
 * @param trusted who may have signed; an empty list trusts nobody
 * @param envelope what lies beside the file
 * @throws AivError `E_MALFORMED` when the signature, or the JSON that it is in, cannot be read
 */
export function verifyBom(
  file: Uint8Array,
  trusted: readonly TrustedSigner[],
  envelope?: Uint8Array,
): Verification {
  if (envelope !== undefined) return withReason(verifyDsse(envelopeOf(envelope), trusted, file))
  const text = fromUtf8(file)
  // Tag-value text, XML: signed in an envelope only.
  if (!/^\ufeff?\s*\{/.test(text)) return UNSIGNED
  const value = parseSignable(text)
  if (!isTable(value)) return UNSIGNED
  if (isEnvelope(value)) return withReason(verifyDsse(value, trusted))
  if (value.bomFormat !== 'CycloneDX' || !Object.hasOwn(value, 'signature')) return UNSIGNED
  const verification = verifyJsf(value, trusted)
  return withReason(verification.valid ? { ...verification, document: file } : verification)
}

function envelopeOf(bytes: Uint8Array): Table {
  const value = parseSignable(fromUtf8(bytes))
  if (isTable(value) && isEnvelope(value)) return value
  throw new AivError('E_MALFORMED', 'it is no DSSE envelope')
}

/** Anyone can sign with a key of their own: that the signature holds says nothing yet. */
function withReason(verification: Verification): Verification {
  if (!verification.valid || verification.trusted) return verification
  return { ...verification, reason: 'the key is none of those that are trusted' }
}
