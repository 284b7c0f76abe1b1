/** The rules over bills of materials and over the lockfiles that they come from. */
import type { Rule } from '../rule.ts'
import { COMPONENT_RULES } from './components.ts'
import { DOCUMENT_RULES, NAMESPACE_RULE } from './document.ts'
import { DRIFT_RULES } from './drift.ts'
import { GRAPH_RULES } from './graph.ts'
import { LICENSE_RULES } from './licenses.ts'
import { READABLE_RULES } from './readable.ts'
import { REFERENCE_RULES } from './references.ts'
import type { SbomAmongOthers, SbomRule } from './subject.ts'
import { VALUE_RULES } from './values.ts'

export { PROJECT_RULES, type ProjectRule, type ProjectSubject } from './project.ts'
export {
  type ProjectTruth,
  type SbomAmongOthers,
  type SbomRule,
  type SbomSubject,
  sbomSubject,
} from './subject.ts'

/** Those that one document alone answers, so that the answer can be kept. */
export const SBOM_RULES: readonly SbomRule[] = [
  ...READABLE_RULES,
  ...REFERENCE_RULES,
  ...VALUE_RULES,
  ...LICENSE_RULES,
  ...DOCUMENT_RULES,
  ...GRAPH_RULES,
  ...COMPONENT_RULES,
]

/** Those that need the other documents of the run, or the lockfiles. */
export const SBOM_AMONG_OTHERS_RULES: readonly Rule<SbomAmongOthers>[] = [NAMESPACE_RULE, ...DRIFT_RULES]
