/** What every reader of a JSON format gives back. */
import type { Bom } from '../../bom/index.ts'
import type { DocumentDefect, DocumentFacts } from '../document.ts'

export interface ReadParts {
  readonly bom: Bom
  readonly facts: DocumentFacts
  readonly defects: readonly DocumentDefect[]
}
