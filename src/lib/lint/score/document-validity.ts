/** Whether a document holds to its format. */
import type { DefectKind, ReadDocument } from '../documents/document.ts'

/** What a schema forbids; the other defects are found by looking at a document as a whole. */
const BREACHES: readonly DefectKind[] = ['bad-value', 'unknown-field']

/** By the schema of the format; where there is none, as for tag-value, by what reading it found. */
export async function isValidDocument({ json, facts, defects }: ReadDocument): Promise<boolean> {
  const { validateDocument } = await import('../schemas/index.ts')
  const errors = json === undefined ? undefined : await validateDocument(json, facts.family, facts.version)
  return errors === undefined ? !defects.some(({ kind }) => BREACHES.includes(kind)) : errors.length === 0
}
