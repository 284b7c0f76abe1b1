/** Rules about identifiers: who is meant, and whether they exist once. */
import { CYCLONEDX, SPDX } from './sources.ts'
import { defectsOf, type SbomRule } from './subject.ts'

export const REFERENCE_RULES: readonly SbomRule[] = [
  {
    id: 'SB0004',
    name: 'dangling-reference',
    severity: 'error',
    evidence: 'document',
    summary: 'Every reference leads to something in the document.',
    rationale:
      'A dependency on something that is not described is a part that nobody can look up; some consumers refuse the whole document.',
    fix: 'Describe what is referred to, or take the reference out.',
    references: [SPDX, CYCLONEDX],
    judge: defectsOf('dangling-reference'),
  },
  {
    id: 'SB0005',
    name: 'duplicate-identifier',
    severity: 'error',
    evidence: 'document',
    summary: 'Every identifier names one thing.',
    rationale: 'With two things of one name, every reference to it has two meanings.',
    fix: 'Give each its own identifier. Stripping characters from names makes them collide: a-b, a_b and ab.',
    references: [SPDX, CYCLONEDX],
    judge: defectsOf('duplicate-identifier'),
  },
  {
    id: 'SB0006',
    name: 'duplicate-component',
    severity: 'warning',
    evidence: 'document',
    summary: 'Each package in each version is listed once.',
    rationale: 'Counts are wrong, and what is known of one entry is not known of the other.',
    fix: 'Merge the entries: aiv lint merge with this one document does it.',
    references: [SPDX, CYCLONEDX],
    judge: defectsOf('duplicate-component'),
  },
]
