/** Rules that compare a document with the lockfiles of the project that it is about. */
import type { Bom, Component, Scope } from '../../bom/index.ts'
import { inconclusive, type Judgement, judged, notApplicable, type Rule } from '../rule.ts'
import { CISA, NTIA } from './sources.ts'
import { labelOf, type ProjectTruth, placeOf, type SbomAmongOthers, type SbomSubject } from './subject.ts'

export const DRIFT_RULES: readonly Rule<SbomAmongOthers>[] = [
  {
    id: 'SB0030',
    name: 'missing-from-document',
    severity: 'error',
    evidence: 'document',
    summary: 'Every package of the lockfiles is in the document.',
    rationale: 'A package that is built in and not listed is one that nobody looks up.',
    fix: 'Make the document again from the present lockfiles.',
    references: [NTIA, CISA],
    judge: against(true, (components, project) => {
      const listed = purlsOf(components)
      const omitted = omittedScopes(project.bom, listed)
      return judged(
        project.bom.components
          .filter(
            ({ purl, ref, scope }) =>
              purl !== undefined &&
              ref !== project.bom.primary &&
              !omitted.has(scope) &&
              !listed.has(bare(purl)),
          )
          .map((component) => ({
            message: `The lockfiles have ${labelOf(component)}, and the document does not.`,
            entity: labelOf(component),
          })),
      )
    }),
  },
  {
    id: 'SB0031',
    name: 'not-in-lockfile',
    severity: 'warning',
    evidence: 'document',
    summary: 'Every package of the document is in the lockfiles.',
    rationale: 'The document is about an older state, or lists what is not built in.',
    fix: 'Make the document again from the present lockfiles.',
    references: [CISA],
    judge: against(false, (components, project, subject) => {
      const locked = purlsOf(project.bom.components)
      // Only ecosystems that the lockfiles cover: a base image's packages are in no lockfile.
      const covered = new Set([...locked].map(typeOf))
      return judged(
        components
          .filter(({ purl }) => purl !== undefined && covered.has(typeOf(purl)) && !locked.has(bare(purl)))
          .map((component) => ({
            message: `The document has ${labelOf(component)}, and the lockfiles do not.`,
            ...placeOf(component, subject),
          })),
      )
    }),
  },
]

/**
 * @param isAboutMissing the rule looks for what the document lacks
 * @param judge is given what the document lists, without what it is about
 */
function against(
  isAboutMissing: boolean,
  judge: (components: readonly Component[], project: ProjectTruth, subject: SbomSubject) => Judgement,
): (subject: SbomAmongOthers) => Promise<Judgement> {
  return async ({ isReadable, project, load }) => {
    if (!isReadable) return inconclusive('the document could not be read')
    if (project === undefined) return notApplicable('the document is about no project that was scanned')
    const subject = await load()
    const { components = [], primary } = subject.document?.bom ?? {}
    const judgement = judge(
      components.filter(({ ref }) => ref !== primary),
      project,
      subject,
    )
    if (project.isComplete) return judgement
    // What is missing is missing; what seems to be too much, or in order, may be in the lockfile that is broken.
    return isAboutMissing && judgement.verdict === 'fail'
      ? judgement
      : inconclusive('a lockfile of the project could not be read')
  }
}

/**
 * What a document leaves out as a whole was left out on purpose, as development dependencies often are; a single
 * package that is missing was not.
 */
function omittedScopes({ components }: Bom, listed: ReadonlySet<string>): ReadonlySet<Scope> {
  const scopes: readonly Scope[] = ['dev', 'optional']
  return new Set(
    scopes.filter((scope) =>
      components.every(
        (component) =>
          component.scope !== scope || component.purl === undefined || !listed.has(bare(component.purl)),
      ),
    ),
  )
}

function purlsOf(components: readonly Component[]): ReadonlySet<string> {
  return new Set(components.flatMap(({ purl }) => (purl === undefined ? [] : [bare(purl)])))
}

/** Without qualifiers and subpath: tools differ in them for one package. */
function bare(purl: string): string {
  return purl.replace(/[?#].*$/s, '')
}

function typeOf(purl: string): string {
  return purl.slice(0, purl.indexOf('/'))
}
