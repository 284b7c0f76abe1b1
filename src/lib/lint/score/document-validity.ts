/** Whether a document holds to its format, as far as reading it tells. */
import type { DefectKind, ReadDocument } from '../documents/document.ts'

/** What a schema forbids; the other defects are found by looking at a document as a whole. */
const BREACHES: readonly DefectKind[] = ['bad-value', 'unknown-field']

export async function isValidDocument({ defects }: ReadDocument): Promise<boolean> {
  return !defects.some(({ kind }) => BREACHES.includes(kind))
}
