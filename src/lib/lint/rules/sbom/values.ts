/** Rules about the values of single fields. */
import { judged } from '../rule.ts'
import { CYCLONEDX, HASH_TRANSITION, PURL, SPDX } from './sources.ts'
import { defectsOf, labelOf, ofDocument, placeOf, type SbomRule } from './subject.ts'

/** Collisions can be made for these. */
const WEAK = new Set(['md5', 'sha1'])

export const VALUE_RULES: readonly SbomRule[] = [
  {
    id: 'SB0007',
    name: 'bad-purl',
    severity: 'error',
    evidence: 'document',
    summary: 'Every package URL is one.',
    rationale:
      'Vulnerability data is looked up by package URL; a wrong one finds nothing, which looks like good news.',
    fix: 'Write it as the specification says: pkg:TYPE/NAMESPACE/NAME@VERSION, percent-encoded.',
    references: [PURL],
    judge: defectsOf('bad-purl'),
  },
  {
    id: 'SB0008',
    name: 'bad-hash',
    severity: 'error',
    evidence: 'document',
    summary: 'Every hash is hex of the length that its algorithm has.',
    rationale: 'A hash that cannot be right is compared with nothing, or with everything.',
    fix: 'Write hex; base64, as lockfiles have it, has to be converted.',
    references: [SPDX, CYCLONEDX],
    judge: defectsOf('bad-hash'),
  },
  {
    id: 'SB0009',
    name: 'weak-hash-only',
    severity: 'warning',
    evidence: 'document',
    summary: 'A component that has hashes has one that nobody can forge.',
    rationale: 'Two different archives with the same MD5 or SHA-1 can be made.',
    fix: 'Add SHA-256 or better of the same archive.',
    references: [HASH_TRANSITION],
    judge: ofDocument(({ bom }, subject) =>
      judged(
        bom.components
          .filter(
            ({ hashes = [] }) => hashes.length > 0 && hashes.every(({ algorithm }) => WEAK.has(algorithm)),
          )
          .map((component) => ({
            message: `${labelOf(component)} has only hashes that can be forged.`,
            ...placeOf(component, subject),
          })),
      ),
    ),
  },
  {
    id: 'SB0010',
    name: 'bad-value',
    severity: 'warning',
    evidence: 'document',
    summary: 'Fields have values that the format allows there.',
    rationale: 'Consumers drop what they do not understand, often without a word.',
    fix: 'Correct the value as the specification of the format says.',
    references: [SPDX, CYCLONEDX],
    judge: defectsOf('bad-value'),
  },
  {
    id: 'SB0011',
    name: 'unknown-field',
    severity: 'warning',
    evidence: 'document',
    summary: 'The document has no fields that its format does not know.',
    rationale: 'A field that nobody knows is usually one that was misspelt, so that the real one is missing.',
    fix: 'Correct the name, or move the value to the properties or annotations of the format.',
    references: [SPDX, CYCLONEDX],
    judge: defectsOf('unknown-field'),
  },
]
