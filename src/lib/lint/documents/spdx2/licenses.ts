/** License fields of SPDX 2: every one is an expression, and what is none becomes a `LicenseRef` with its text. */
import { toHex, utf8 } from '../../../core/index.ts'
import { sha256 } from '../../../crypto/digest.ts'
import type { ExtractedLicense } from '../../bom/index.ts'
import { slug } from '../parts/element-ids.ts'
import { licenseExpression } from '../parts/license-expression.ts'
import { NO_EXPRESSION, NO_TEXT } from '../parts/license-notes.ts'
import { oneLine, plainText } from '../parts/texts/party.ts'
import { NOASSERTION, NONE, type SpdxExtractedLicense } from './model.ts'

const REFERENCE = /^LicenseRef-[A-Za-z0-9.-]+$/

/** The extracted licenses of one document, growing with what its packages need. */
export class LicensePool {
  readonly #extracted = new Map<string, SpdxExtractedLicense>()

  constructor(licenses: readonly ExtractedLicense[]) {
    for (const { id, name, text } of licenses)
      if (REFERENCE.test(id) && !this.#extracted.has(id))
        this.#extracted.set(id, {
          licenseId: id,
          ...(name === undefined ? {} : { name: oneLine(name) }),
          extractedText: plainText(text),
        })
  }

  /** @param text an expression, or whatever a maker wrote; undefined when nothing is known */
  field(text: string | undefined): string {
    if (text === undefined || text.trim() === '' || text === NOASSERTION) return NOASSERTION
    if (text === NONE) return NONE
    const expression = licenseExpression(text)
    if (expression === undefined) return this.#standIn(text)
    for (const id of expression.references)
      if (!this.#extracted.has(id))
        this.#extracted.set(id, { licenseId: id, extractedText: NO_TEXT, comment: NO_TEXT })
    return expression.text
  }

  get(id: string): SpdxExtractedLicense | undefined {
    return this.#extracted.get(id)
  }

  /** Sorted by identifier. */
  all(): readonly SpdxExtractedLicense[] {
    return [...this.#extracted.values()].sort((a, b) => (a.licenseId < b.licenseId ? -1 : 1))
  }

  #standIn(text: string): string {
    const id = `LicenseRef-${slug(text).slice(0, 40)}-${toHex(sha256(utf8(text))).slice(0, 12)}`
    this.#extracted.set(id, {
      licenseId: id,
      name: oneLine(text.slice(0, 200)),
      extractedText: plainText(text),
      comment: NO_EXPRESSION,
    })
    return id
  }
}

/** What a license field says: undefined for `NOASSERTION`, and the maker's words where a reference stands for them. */
export function licenseOf(
  value: string | undefined,
  extracted: (id: string) => Pick<SpdxExtractedLicense, 'extractedText' | 'comment'> | undefined,
): string | undefined {
  if (value === undefined || value === NOASSERTION) return undefined
  const standIn = REFERENCE.test(value) ? extracted(value) : undefined
  return standIn?.comment === NO_EXPRESSION ? standIn.extractedText : value
}
