/** Rules about what has to be known of every component. */
import { CISA, NTIA } from './sources.ts'
import { eachComponent, labelOf, type SbomRule } from './subject.ts'

export const COMPONENT_RULES: readonly SbomRule[] = [
  {
    id: 'SB0025',
    name: 'no-component-name',
    severity: 'error',
    evidence: 'document',
    summary: 'Every component has a name.',
    rationale: 'It is the first of the minimum elements: without a name nothing can be asked about it.',
    fix: 'Name it as its ecosystem does.',
    references: [NTIA],
    judge: eachComponent(({ name, ref }) =>
      name.trim() === '' ? `The component ${ref} has no name.` : undefined,
    ),
  },
  {
    id: 'SB0026',
    name: 'no-component-version',
    severity: 'warning',
    evidence: 'document',
    summary: 'Every component has a version.',
    rationale: 'Whether a vulnerability concerns a component depends on its version.',
    fix: 'Write the version that is built, not a range; a lockfile has it.',
    references: [NTIA],
    judge: eachComponent((component, { primary }) =>
      (component.version ?? '').trim() === '' && !isPartOfProject(component.origin, component.ref, primary)
        ? `${labelOf(component)} has no version.`
        : undefined,
    ),
  },
  {
    id: 'SB0027',
    name: 'no-supplier',
    severity: 'info',
    evidence: 'document',
    summary: 'Every component has a supplier.',
    rationale: 'The minimum elements ask who made and distributes it: whom to turn to when it breaks.',
    fix: 'Name the supplier. aiv lint sbom takes it from the installed packages.',
    references: [NTIA, CISA],
    judge: eachComponent((component) =>
      component.supplier === undefined && component.author === undefined
        ? `${labelOf(component)} has no supplier.`
        : undefined,
    ),
  },
  {
    id: 'SB0028',
    name: 'no-identifier',
    severity: 'warning',
    evidence: 'document',
    summary: 'Every component has a package URL or a CPE.',
    rationale:
      'Names alone mean different things in different ecosystems; databases are keyed by identifiers.',
    fix: 'Add a package URL.',
    references: [NTIA, CISA],
    judge: eachComponent((component, { primary }) =>
      component.purl === undefined &&
      (component.cpes ?? []).length === 0 &&
      component.type !== 'file' &&
      !isPartOfProject(component.origin, component.ref, primary)
        ? `${labelOf(component)} has no package URL and no CPE.`
        : undefined,
    ),
  },
  {
    id: 'SB0029',
    name: 'no-hash',
    severity: 'info',
    evidence: 'document',
    summary: 'Every component has a hash.',
    rationale: 'Without one nobody can tell whether what runs is what was listed.',
    fix: 'Take the hash from the lockfile, where it has one.',
    references: [CISA],
    judge: eachComponent((component, { primary }) =>
      (component.hashes ?? []).length === 0 && !isPartOfProject(component.origin, component.ref, primary)
        ? `${labelOf(component)} has no hash.`
        : undefined,
    ),
  },
]

/** What lies in the project itself is published nowhere, so that nobody gives it an identifier, version or hash. */
function isPartOfProject(origin: string, ref: string, primary: string | undefined): boolean {
  return origin === 'workspace' || origin === 'path' || ref === primary
}
