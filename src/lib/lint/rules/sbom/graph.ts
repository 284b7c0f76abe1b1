/** Rules about the graph of dependencies. Cycles are no defect: packages that need each other exist. */
import type { Bom } from '../../bom/index.ts'
import { inconclusive, judged, notApplicable } from '../rule.ts'
import { CYCLONEDX, NTIA, SPDX } from './sources.ts'
import { labelOf, ofDocument, placeOf, type SbomRule } from './subject.ts'

export const GRAPH_RULES: readonly SbomRule[] = [
  {
    id: 'SB0022',
    name: 'no-primary-component',
    severity: 'error',
    evidence: 'document',
    summary: 'The document says which component it is about.',
    rationale: 'A list of parts without the whole answers no question about a product.',
    fix: 'SPDX: a DESCRIBES relationship from the document. CycloneDX: metadata.component.',
    references: [NTIA, SPDX, CYCLONEDX],
    judge: ofDocument(({ bom }) =>
      judged(bom.primary === undefined ? [{ message: 'The document does not say what it is about.' }] : []),
    ),
  },
  {
    id: 'SB0023',
    name: 'no-dependencies',
    severity: 'warning',
    evidence: 'document',
    summary: 'The document says what depends on what, at least for the component that it is about.',
    rationale: 'It is one of the minimum elements; how a package got in cannot be told from a list.',
    fix: 'Write the dependencies; lockfiles have them.',
    references: [NTIA],
    judge: ofDocument(({ bom }, subject) => {
      if (bom.components.length < 2) return notApplicable('there is nothing to depend on')
      const { primary, dependencies, components } = bom
      if (primary === undefined) return inconclusive('the document does not say what it is about')
      const known = dependencies.get(primary)
      if ((known?.on.length ?? 0) > 0 || known?.completeness === 'complete') return judged([])
      const component = components.find(({ ref }) => ref === primary)
      return judged([
        {
          message: 'The document does not say what the component that it is about depends on.',
          ...(component === undefined ? {} : placeOf(component, subject)),
        },
      ])
    }),
  },
  {
    id: 'SB0024',
    name: 'graph-not-connected',
    severity: 'warning',
    evidence: 'document',
    summary: 'Every component can be reached from the one that the document is about.',
    rationale: 'Either an edge is missing, or the component is not part of the product.',
    fix: 'Add the missing dependency, or leave the component out.',
    references: [NTIA],
    judge: ofDocument(({ bom }, subject) => {
      if (bom.primary === undefined) return inconclusive('the document does not say what it is about')
      const reached = reachable(bom, bom.primary)
      if (reached.size === 1 && bom.components.length > 1)
        return inconclusive('the document does not say what depends on what')
      return judged(
        bom.components
          .filter(({ ref, type }) => !reached.has(ref) && type !== 'file')
          .map((component) => ({
            message: `${labelOf(component)} cannot be reached from the component that the document is about.`,
            ...placeOf(component, subject),
          })),
      )
    }),
  },
]

function reachable({ dependencies }: Bom, from: string): ReadonlySet<string> {
  const reached = new Set([from])
  for (const ref of reached) for (const to of dependencies.get(ref)?.on ?? []) reached.add(to)
  return reached
}
