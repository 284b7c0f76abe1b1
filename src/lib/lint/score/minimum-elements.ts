/** The minimum elements of NTIA (2021) and of the draft by CISA (22 August 2025). All elements weigh the same. */
import { type Category, type Feature, type ScoreInput, share, whole } from './feature.ts'
import {
  hasAuthor,
  hasConcluded,
  hasCpe,
  hasDeclared,
  hasHash,
  hasParty,
  hasPurl,
  hasTime,
  hasTopDependencies,
} from './questions.ts'

const NAME: Feature = {
  key: 'component_name',
  title: 'components with a name',
  weight: 1,
  fix: 'name every component',
  measure: (input) => share(input, ({ name }) => name.trim() !== ''),
}

const VERSION: Feature = {
  key: 'component_version',
  title: 'components with a version',
  weight: 1,
  fix: 'give every component its version; that of the project itself stands in its manifest, or take --version',
  measure: (input) => share(input, ({ version = '' }) => version.trim() !== ''),
}

const IDENTIFIER: Feature = {
  key: 'software_identifier',
  title: 'components with a package URL or a CPE',
  weight: 1,
  fix: 'give every component a package URL',
  measure: (input) => share(input, (component) => hasPurl(component) || hasCpe(component)),
}

const SUPPLIER: Feature = {
  key: 'supplier',
  title: 'components with a supplier',
  weight: 1,
  fix: 'name who supplies each component; what is installed says it in its manifest',
  measure: (input) => share(input, ({ supplier }) => hasParty(supplier)),
}

const PRODUCER: Feature = {
  ...SUPPLIER,
  key: 'software_producer',
  title: 'components with a producer',
  fix: 'name who made each component; what is installed says it in its manifest',
  measure: (input) => share(input, ({ supplier, author }) => hasParty(supplier) || hasParty(author)),
}

const AUTHOR: Feature = {
  key: 'author',
  title: 'author of the document',
  weight: 1,
  fix: 'name a person or an organization that answers for the document',
  measure: ({ document }) => whole(hasAuthor(document.bom)),
}

const TIME: Feature = {
  key: 'timestamp',
  title: 'time of creation',
  weight: 1,
  fix: 'write the time of creation as RFC 3339',
  measure: ({ document }) => whole(hasTime(document.bom)),
}

const DEPENDENCIES: Feature = {
  key: 'dependency_relationships',
  title: 'what the software depends on',
  weight: 1,
  fix: 'say which component the document is about, and what that depends on',
  measure: ({ document }) => whole(hasTopDependencies(document.bom)),
}

const VALID: Feature = {
  key: 'valid',
  title: 'valid by the schema of the format',
  weight: 1,
  fix: 'see what aiv lint says of the document',
  measure: ({ isValid }) => whole(isValid),
}

const TOOL: Feature = {
  key: 'tool_name',
  title: 'name of the tool',
  weight: 1,
  fix: 'name the tool that made the document',
  measure: ({ document }) => whole(document.bom.document.tools.some(({ name }) => name !== '')),
}

const HASH: Feature = {
  key: 'component_hash',
  title: 'components with a hash',
  weight: 1,
  fix: 'give components a hash; lockfiles have them for packages of registries',
  measure: (input) => share(input, hasHash),
}

const LICENSE: Feature = {
  key: 'license',
  title: 'components with a license',
  weight: 1,
  fix: 'write down the license of each component; what is installed says it in its manifest',
  measure: (input) => share(input, (component) => hasDeclared(component) || hasConcluded(component)),
}

const CONTEXT: Feature = {
  key: 'generation_context',
  title: 'at which point the document was made',
  weight: 1,
  fix: 'say whether the document was made before, during or after the build',
  measure: contextMeasure,
}

/** SPDX 2 has no field for it: tools write it into comments. */
function contextMeasure({ document: { bom } }: ScoreInput): ReturnType<typeof whole> {
  return whole(bom.document.lifecycles.length > 0)
}

export const NTIA: readonly Category[] = [
  {
    key: 'ntia',
    title: 'NTIA minimum elements',
    weight: 1,
    features: [SUPPLIER, NAME, VERSION, IDENTIFIER, DEPENDENCIES, AUTHOR, TIME, VALID],
  },
]

export const CISA_2025: readonly Category[] = [
  {
    key: 'cisa-2025',
    title: 'CISA minimum elements, draft of 2025-08-22',
    weight: 1,
    features: [AUTHOR, PRODUCER, NAME, VERSION, IDENTIFIER, HASH, LICENSE, DEPENDENCIES, TOOL, TIME, CONTEXT],
  },
]
