/** The structure of SPDX 2.3 in JSON (specification, clauses 6 to 13), which 2.2 keeps to as well. */
import { type SchemaError, SchemaErrors } from './schema-error.ts'
import { anyTable, flag, integer, list, oneOf, record, text } from './shape.ts'

const texts = list(text)

const checksum = record({
  'algorithm!': oneOf(`SHA1 SHA224 SHA256 SHA384 SHA512 SHA3-256 SHA3-384 SHA3-512 BLAKE2b-256 BLAKE2b-384
    BLAKE2b-512 BLAKE3 MD2 MD4 MD5 MD6 ADLER32`),
  'checksumValue!': text,
})

const annotation = record({
  'annotationDate!': text,
  'annotationType!': oneOf('OTHER REVIEW'),
  'annotator!': text,
  'comment!': text,
})

const creationInfo = record({
  'created!': text,
  'creators!': list(text, 1),
  comment: text,
  licenseListVersion: text,
})

const externalDocumentRef = record({
  'checksum!': checksum,
  'externalDocumentId!': text,
  'spdxDocument!': text,
})

const extractedLicense = record({
  'extractedText!': text,
  'licenseId!': text,
  comment: text,
  name: text,
  seeAlsos: texts,
  crossRefs: list(
    record({
      'url!': text,
      isLive: flag,
      isValid: flag,
      isWayBackLink: flag,
      match: text,
      order: integer,
      timestamp: text,
    }),
  ),
})

const spdxPackage = record({
  'SPDXID!': text,
  'downloadLocation!': text,
  'name!': text,
  annotations: list(annotation),
  attributionTexts: texts,
  builtDate: text,
  checksums: list(checksum),
  comment: text,
  copyrightText: text,
  description: text,
  externalRefs: list(
    record({
      'referenceCategory!': oneOf(
        'SECURITY PACKAGE-MANAGER PACKAGE_MANAGER PERSISTENT-ID PERSISTENT_ID OTHER',
      ),
      'referenceLocator!': text,
      'referenceType!': text,
      comment: text,
    }),
  ),
  filesAnalyzed: flag,
  hasFiles: texts,
  homepage: text,
  licenseComments: text,
  licenseConcluded: text,
  licenseDeclared: text,
  licenseInfoFromFiles: texts,
  originator: text,
  packageFileName: text,
  packageVerificationCode: record({
    'packageVerificationCodeValue!': text,
    packageVerificationCodeExcludedFiles: texts,
  }),
  primaryPackagePurpose:
    oneOf(`APPLICATION FRAMEWORK LIBRARY CONTAINER OPERATING_SYSTEM DEVICE FIRMWARE SOURCE
    ARCHIVE FILE INSTALL OTHER`),
  releaseDate: text,
  sourceInfo: text,
  summary: text,
  supplier: text,
  validUntilDate: text,
  versionInfo: text,
})

const file = record({
  'SPDXID!': text,
  'checksums!': list(checksum, 1),
  'fileName!': text,
  annotations: list(annotation),
  artifactOfs: list(anyTable),
  attributionTexts: texts,
  comment: text,
  copyrightText: text,
  fileContributors: texts,
  fileDependencies: texts,
  fileTypes: list(oneOf('SOURCE BINARY ARCHIVE APPLICATION AUDIO IMAGE TEXT VIDEO DOCUMENTATION SPDX OTHER')),
  licenseComments: text,
  licenseConcluded: text,
  licenseInfoInFiles: texts,
  noticeText: text,
})

const pointer = record({ 'reference!': text, offset: integer, lineNumber: integer })

const snippet = record({
  'SPDXID!': text,
  'name!': text,
  'ranges!': list(record({ 'startPointer!': pointer, 'endPointer!': pointer }), 1),
  'snippetFromFile!': text,
  annotations: list(annotation),
  attributionTexts: texts,
  comment: text,
  copyrightText: text,
  licenseComments: text,
  licenseConcluded: text,
  licenseInfoInSnippets: texts,
})

const relationship = record({
  'spdxElementId!': text,
  'relatedSpdxElement!': text,
  'relationshipType!': oneOf(`DESCRIBES DESCRIBED_BY CONTAINS CONTAINED_BY DEPENDS_ON DEPENDENCY_OF
    DEPENDENCY_MANIFEST_OF BUILD_DEPENDENCY_OF DEV_DEPENDENCY_OF OPTIONAL_DEPENDENCY_OF PROVIDED_DEPENDENCY_OF
    TEST_DEPENDENCY_OF RUNTIME_DEPENDENCY_OF EXAMPLE_OF GENERATES GENERATED_FROM ANCESTOR_OF DESCENDANT_OF VARIANT_OF
    DISTRIBUTION_ARTIFACT PATCH_FOR PATCH_APPLIED COPY_OF FILE_ADDED FILE_DELETED FILE_MODIFIED EXPANDED_FROM_ARCHIVE
    DYNAMIC_LINK STATIC_LINK DATA_FILE_OF TEST_CASE_OF BUILD_TOOL_OF DEV_TOOL_OF TEST_OF TEST_TOOL_OF DOCUMENTATION_OF
    OPTIONAL_COMPONENT_OF METAFILE_OF PACKAGE_OF AMENDS PREREQUISITE_FOR HAS_PREREQUISITE REQUIREMENT_DESCRIPTION_FOR
    SPECIFICATION_FOR OTHER`),
  comment: text,
})

const document = record({
  'SPDXID!': text,
  'creationInfo!': creationInfo,
  'dataLicense!': text,
  'documentNamespace!': text,
  'name!': text,
  'spdxVersion!': text,
  $schema: text,
  annotations: list(annotation),
  comment: text,
  documentDescribes: texts,
  externalDocumentRefs: list(externalDocumentRef),
  files: list(file),
  hasExtractedLicensingInfos: list(extractedLicense),
  packages: list(spdxPackage),
  relationships: list(relationship),
  revieweds: list(record({ 'reviewDate!': text, comment: text, reviewer: text })),
  snippets: list(snippet),
})

export function validateSpdx2(json: unknown): readonly SchemaError[] {
  const errors = new SchemaErrors()
  document(json, '', errors)
  return errors.list
}
