/** The profile of sbomqs 2: its features, weights and formulae (interlynk-io/sbomqs at e9deb52b, pkg/scorer/v2). */
import { expressionOf } from '../licenses/index.ts'
import { type Category, share, whole } from './feature.ts'
import {
  hasAuthor,
  hasConcluded,
  hasCopyleftConcluded,
  hasCpe,
  hasDeclared,
  hasDeprecatedConcluded,
  hasListedConcluded,
  hasParty,
  hasPurl,
  hasSource,
  hasStrongHash,
  hasTime,
  hasValidConcluded,
  primaryOf,
} from './questions.ts'
import {
  signatureMeasure,
  toolMeasure,
  topDependenciesMeasure,
  weakHashMeasure,
  withoutMeasure,
} from './sbomqs-measures.ts'

const NOT_IN_SPDX = 'SPDX cannot say it, and it counts all the same'

const KNOWN_VERSIONS: Readonly<Record<'spdx' | 'cyclonedx', RegExp>> = {
  spdx: /^(?:2\.[123]|3\.0\.1)$/,
  cyclonedx: /^1\.[0-7]$/,
}

export const SBOMQS: readonly Category[] = [
  {
    key: 'identification',
    title: 'Identification',
    weight: 10,
    features: [
      {
        key: 'comp_with_name',
        title: 'components with a name',
        weight: 0.4,
        fix: 'name every component',
        measure: (input) => share(input, ({ name }) => name.trim() !== ''),
      },
      {
        key: 'comp_with_version',
        title: 'components with a version',
        weight: 0.35,
        fix: 'give every component its version; that of the project itself stands in its manifest, or take --version',
        measure: (input) => share(input, ({ version = '' }) => version.trim() !== ''),
      },
      {
        key: 'comp_with_local_id',
        title: 'components with an identifier in the document',
        weight: 0.25,
        fix: 'give every component a bom-ref or an SPDXID',
        measure: (input) => share(input, ({ ref }) => ref !== ''),
      },
    ],
  },
  {
    key: 'provenance',
    title: 'Provenance',
    weight: 12,
    features: [
      {
        key: 'sbom_creation_timestamp',
        title: 'time of creation',
        weight: 0.2,
        fix: 'write the time of creation as RFC 3339',
        measure: ({ document }) => whole(hasTime(document.bom)),
      },
      {
        key: 'sbom_authors',
        title: 'author, a person or an organization',
        weight: 0.2,
        fix: 'name a person or an organization that answers for the document; a tool is no author',
        measure: ({ document }) => whole(hasAuthor(document.bom)),
      },
      {
        key: 'sbom_tool_version',
        title: 'tool with its version',
        weight: 0.2,
        fix: 'name the tool that made the document, with its version',
        measure: toolMeasure,
      },
      {
        key: 'sbom_supplier',
        title: 'supplier of the software',
        weight: 0.15,
        fix: 'name who supplies the software (metadata.supplier)',
        measure: ({ document: { bom, facts } }) =>
          facts.family === 'spdx' ? whole(false, NOT_IN_SPDX) : whole(hasParty(bom.document.supplier)),
      },
      {
        key: 'sbom_namespace',
        title: 'namespace or serial number',
        weight: 0.15,
        fix: 'give the document a namespace or a serial number',
        measure: ({ document }) => whole((document.bom.document.namespace ?? '') !== ''),
      },
      {
        key: 'sbom_lifecycle',
        title: 'phase of the life cycle',
        weight: 0.1,
        fix: 'say at which phase the document was made (metadata.lifecycles)',
        measure: ({ document: { bom, facts } }) =>
          facts.family === 'spdx' ? whole(false, NOT_IN_SPDX) : whole(bom.document.lifecycles.length > 0),
      },
    ],
  },
  {
    key: 'integrity',
    title: 'Integrity',
    weight: 15,
    features: [
      {
        key: 'comp_with_strong_checksums',
        title: 'components with a strong hash',
        weight: 0.5,
        fix: 'give components a hash of SHA-224 or better; lockfiles have them for packages of registries',
        measure: (input) => share(input, hasStrongHash),
      },
      {
        key: 'comp_with_weak_checksums',
        title: 'components with more than a weak hash, of those with any',
        weight: 0.4,
        fix: 'replace MD5 and SHA-1 by SHA-256 or better',
        measure: weakHashMeasure,
      },
      {
        key: 'sbom_signature',
        title: 'signature within the document',
        weight: 0.1,
        fix: 'sign the document, with the public key in it (aiv lint sbom --sign)',
        measure: signatureMeasure,
      },
    ],
  },
  {
    key: 'completeness',
    title: 'Completeness',
    weight: 12,
    features: [
      {
        key: 'comp_with_dependencies',
        title: 'completeness of the dependencies at the top',
        weight: 0.25,
        fix: 'say for the software and what it needs directly that the dependencies are complete (compositions)',
        measure: topDependenciesMeasure,
      },
      {
        key: 'sbom_completeness_declared',
        title: 'completeness of the document',
        weight: 0.15,
        fix: 'say that the document is complete, where it is (compositions)',
        measure: ({ document: { facts } }) =>
          facts.family === 'spdx' ? whole(false, NOT_IN_SPDX) : whole(facts.complete),
      },
      {
        key: 'sbom_primary_component',
        title: 'the component that the document is about',
        weight: 0.2,
        fix: 'say which component the document is about',
        measure: ({ document }) => whole(primaryOf(document.bom) !== undefined),
      },
      {
        key: 'comp_with_source_code',
        title: 'components with their source',
        weight: 0.15,
        fix: 'say where the source is: a reference to version control, in SPDX PackageSourceInfo',
        measure: (input) => share(input, (component) => hasSource(input.document, component)),
      },
      {
        key: 'comp_with_supplier',
        title: 'components with a supplier',
        weight: 0.15,
        fix: 'name who supplies each component; what is installed says it in its manifest',
        measure: (input) => share(input, ({ supplier }) => hasParty(supplier)),
      },
      {
        key: 'comp_with_purpose',
        title: 'components with a purpose',
        weight: 0.1,
        fix: 'say of each component what it is: a library, an application, a file',
        measure: (input) => share(input, ({ ref }) => input.document.facts.typed.has(ref)),
      },
    ],
  },
  {
    key: 'licensing',
    title: 'Licensing',
    weight: 15,
    features: [
      {
        key: 'comp_with_licenses',
        title: 'components with a concluded license',
        weight: 0.2,
        fix: 'install the dependencies, so that the texts of their licenses can be matched',
        measure: (input) => share(input, hasConcluded),
      },
      {
        key: 'comp_with_valid_licenses',
        title: 'components with a concluded license that is an SPDX expression',
        weight: 0.2,
        fix: 'write concluded licenses as SPDX expressions',
        measure: (input) => share(input, hasValidConcluded),
      },
      {
        key: 'comp_spdx_listed_license',
        title: 'components with concluded licenses that SPDX lists',
        weight: 0.2,
        fix: 'use the identifiers of the SPDX License List',
        measure: (input) => share(input, hasListedConcluded),
      },
      {
        key: 'comp_no_deprecated_licenses',
        title: 'components without a deprecated license',
        weight: 0.15,
        fix: 'use the identifiers of today, such as GPL-2.0-only for GPL-2.0',
        measure: (input) => withoutMeasure(input, hasDeprecatedConcluded),
      },
      {
        key: 'comp_no_restrictive_licenses',
        title: 'components without a copyleft license',
        weight: 0.2,
        fix: 'look at the terms of copyleft licenses (aiv lint licenses); nothing is wrong with the document',
        measure: (input) => withoutMeasure(input, hasCopyleftConcluded),
      },
      {
        key: 'comp_with_declared_licenses',
        title: 'components with a declared license',
        weight: 0.15,
        fix: 'write down the license that each component declares',
        measure: (input) => share(input, hasDeclared),
      },
      {
        key: 'sbom_data_license',
        title: 'license of the document',
        weight: 0.1,
        fix: 'say under which license the document itself is, such as CC0-1.0',
        measure: ({ document }) => whole(expressionOf(document.bom.document.dataLicense ?? '') !== undefined),
      },
    ],
  },
  {
    key: 'vulnerability',
    title: 'Vulnerability',
    weight: 10,
    features: [
      {
        key: 'comp_with_purl',
        title: 'components with a package URL',
        weight: 0.33,
        group: 'identifier',
        fix: 'give every component a package URL',
        measure: (input) => share(input, hasPurl),
      },
      {
        key: 'comp_with_cpe',
        title: 'components with a CPE',
        weight: 0.33,
        group: 'identifier',
        fix: 'a package URL is enough',
        measure: (input) => share(input, hasCpe),
      },
      {
        key: 'comp_with_purl_or_cpe',
        title: 'components with a package URL or a CPE',
        weight: 0.34,
        group: 'identifier',
        fix: 'give every component a package URL',
        measure: (input) => share(input, (component) => hasPurl(component) || hasCpe(component)),
      },
    ],
  },
  {
    key: 'structural',
    title: 'Structural',
    weight: 8,
    features: [
      {
        key: 'sbom_spec_declared',
        title: 'format',
        weight: 0.3,
        fix: 'use SPDX or CycloneDX',
        measure: () => whole(true),
      },
      {
        key: 'sbom_spec_version',
        title: 'version of the format',
        weight: 0.3,
        fix: 'use a version that tools know: SPDX 2.3 or 3.0.1, CycloneDX 1.6 or 1.7',
        measure: ({ document: { facts } }) =>
          whole(facts.specVersionGiven && KNOWN_VERSIONS[facts.family].test(facts.version)),
      },
      {
        key: 'sbom_file_format',
        title: 'encoding',
        weight: 0.2,
        fix: 'use JSON',
        measure: () => whole(true),
      },
      {
        key: 'sbom_schema_valid',
        title: 'valid by the schema of the format',
        weight: 0.2,
        fix: 'see what aiv lint says of the document',
        measure: ({ document: { facts }, isValid }) =>
          facts.family === 'spdx' && facts.version.startsWith('3.')
            ? whole(false, 'sbomqs does not judge SPDX 3, and it counts all the same')
            : whole(isValid),
      },
    ],
  },
]
