/** Rules about whether a file is a bill of materials at all. */
import { inconclusive, judged, notApplicable } from '../rule.ts'
import { CYCLONEDX, SPDX, SPDX3 } from './sources.ts'
import { type SbomRule, sentence } from './subject.ts'

export const READABLE_RULES: readonly SbomRule[] = [
  {
    id: 'SB0001',
    name: 'unreadable-document',
    severity: 'error',
    evidence: 'document',
    summary: 'A bill of materials can be parsed and says which format it has.',
    rationale:
      'A consumer that cannot read the document knows nothing of the software, and many of them only log that and go on.',
    fix: 'Make the document again, and check that it was not cut off or written over.',
    references: [SPDX, CYCLONEDX],
    judge({ failure }) {
      if (failure === undefined) return judged([])
      if (failure.unsupported) return notApplicable('the format is known and not supported')
      const { message, line, column } = failure
      return judged([{ message: sentence(message), line, column }])
    },
  },
  {
    id: 'SB0002',
    name: 'unsupported-format',
    severity: 'warning',
    evidence: 'document',
    summary: 'The format and its version are ones that can be judged.',
    rationale: 'Nothing else is said about a document that was only recognised.',
    fix: 'Convert it to SPDX 2.3, SPDX 3.0.1 or a version of CycloneDX JSON from 1.2 to 1.7.',
    references: [SPDX, CYCLONEDX],
    judge({ failure }) {
      if (failure === undefined) return judged([])
      if (!failure.unsupported) return inconclusive('the document could not be read')
      const { message, line, column } = failure
      return judged([{ message: sentence(message), line, column }])
    },
  },
  {
    id: 'SB0003',
    name: 'schema-invalid',
    severity: 'error',
    evidence: 'document',
    summary: 'The document keeps to the schema of its format and version.',
    rationale:
      'Consumers that validate refuse the document as a whole; those that do not read fields that are not there.',
    fix: 'Report it to the makers of the tool that wrote the document, or convert the document with aiv lint convert.',
    references: [SPDX, SPDX3, CYCLONEDX],
    async judge({ document, places }) {
      if (document === undefined) return inconclusive('the document could not be read')
      if (document.json === undefined) return notApplicable('there is no schema for tag-value')
      const { validateDocument } = await import('../../schemas/index.ts')
      const { family, version } = document.facts
      const errors = await validateDocument(document.json, family, version)
      if (errors === undefined) return inconclusive(`there is no schema of ${family} ${version} here`)
      return judged(
        errors.map(({ pointer, message }) => ({
          message: sentence(`${pointer === '' ? 'the document' : pointer} ${message}`),
          ...places.ofPointer(pointer),
        })),
      )
    },
  },
]
