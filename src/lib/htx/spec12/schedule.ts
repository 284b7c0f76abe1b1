/**
 * The key schedule of the Betanet 1.2 draft (section 13.1): from the Noise split to a traffic secret, an AEAD key and a
 * nonce salt for each direction and generation.
 *
 * Nonce rule: `salt XOR (LE64(counter) ‖ 0000)`, counter from 0 in every generation, one per frame.
 */
import { concat, encodeCbor, utf8 } from '../../core/index.ts'
import { erase, hkdf, hkdfExpand, hkdfExtract } from '../../crypto/index.ts'

const INNER = utf8('betanet/1.2/inner')
const LABEL_PREFIX = 'betanet '
const EXTRACT_SALT = new Uint8Array(32)
const NO_TEMPLATE = new Uint8Array(32)
/** What the context names layer 2 by. */
const LAYER_2 = 'betanet/htx/1.2.0'

export type Spec12Label = 'ts_c' | 'ts_s' | 'key' | 'nonce' | 'next'

/**
 * HKDF-Expand with the label behind `betanet `. The draft joins them plainly: this is not the HkdfLabel structure of
 * TLS 1.3, which two implementations of the draft took it for.
 */
export function expandLabel(secret: Uint8Array, label: Spec12Label, length: number): Uint8Array {
  return hkdfExpand(secret, utf8(LABEL_PREFIX + label), length)
}

/**
 * Deterministic CBOR of what both sides said, which the exporter value is bound to.
 * @param capsClient HELLO of message 1
 * @param capsServer HELLO of message 2
 */
export function sessionContext(capsClient: Uint8Array, capsServer: Uint8Array): Uint8Array {
  return encodeCbor({
    l2: LAYER_2,
    l3: '',
    l4: '',
    l5: '',
    template: NO_TEMPLATE,
    caps_client: capsClient,
    caps_server: capsServer,
  })
}

/**
 * The exporter value, 32 bytes: the Noise split in place of the TLS exporter of the draft.
 * @param split k1 ‖ k2, 64 bytes
 * @param salt the TLS exporter when the session is bound, else empty
 */
export function innerExporter(split: Uint8Array, salt: Uint8Array, context: Uint8Array): Uint8Array {
  return hkdf(split, salt, concat(INNER, context), 32)
}

/** K0, 32 bytes. */
export function rootSecret(exporter: Uint8Array): Uint8Array {
  return hkdfExtract(exporter, EXTRACT_SALT)
}

/** Generation 0 of both directions, 32 bytes each. `exporter` is erased. */
export function trafficSecrets(exporter: Uint8Array): { readonly c: Uint8Array; readonly s: Uint8Array } {
  const root = rootSecret(exporter)
  const secrets = { c: expandLabel(root, 'ts_c', 32), s: expandLabel(root, 'ts_s', 32) }
  erase(root, exporter)
  return secrets
}
