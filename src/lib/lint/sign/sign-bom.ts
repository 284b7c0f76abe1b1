/** Signs documents. */
import { AivError, utf8 } from '../../core/index.ts'
import type { BomFormat } from '../documents/document.ts'
import { isTable } from '../readers/parse/index.ts'
import { PAYLOAD_TYPES, signDsse } from './dsse.ts'
import { signJsf } from './jsf.ts'
import { parseSignable } from './signable-json.ts'
import type { BomSigner } from './signer.ts'

/** Added to the name of a document: the envelope that signs it lies beside it. */
export const ENVELOPE_SUFFIX = '.dsse.json'

/** Whether {@link signBom} gives the signed document itself, or an envelope that holds it. */
export function signsInside(format: BomFormat): boolean {
  return format === 'cdx-json' || format === 'cdx-json@1.7'
}

/**
 * @param text a document of this format, as `writeBom` makes it
 * @returns the document with a signature inside (CycloneDX), or a DSSE envelope that holds the text (all others)
 * @throws AivError `E_MALFORMED` when the text is not JSON where the format is
 */
export function signBom(text: string, format: BomFormat, signer: BomSigner): string {
  if (!signsInside(format)) {
    const type = format === 'spdx-tv' ? PAYLOAD_TYPES['spdx-tv'] : PAYLOAD_TYPES['spdx-json']
    return `${JSON.stringify(signDsse(utf8(text), type, signer), null, 2)}\n`
  }
  const document = parseSignable(text)
  if (!isTable(document)) throw new AivError('E_MALFORMED', 'the document is no JSON object')
  return `${JSON.stringify(signJsf(document, signer), null, 2)}\n`
}
