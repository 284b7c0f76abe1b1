/** The parts of an SPDX 2.3 document that we write, as its JSON encoding names them. Both encodings are made of these. */

export interface SpdxAnnotation {
  readonly annotationDate: string
  readonly annotationType: 'OTHER'
  readonly annotator: string
  readonly comment: string
}

export interface SpdxChecksum {
  readonly algorithm: string
  readonly checksumValue: string
}

export interface SpdxExternalRef {
  readonly referenceCategory: string
  readonly referenceType: string
  readonly referenceLocator: string
}

export interface SpdxPackage {
  readonly SPDXID: string
  readonly name: string
  readonly versionInfo?: string | undefined
  readonly primaryPackagePurpose?: string | undefined
  readonly supplier?: string | undefined
  readonly originator?: string | undefined
  readonly downloadLocation: string
  readonly filesAnalyzed: false
  readonly checksums?: readonly SpdxChecksum[] | undefined
  readonly homepage?: string | undefined
  readonly sourceInfo?: string | undefined
  readonly licenseConcluded: string
  readonly licenseDeclared: string
  readonly licenseComments?: string | undefined
  readonly copyrightText: string
  readonly description?: string | undefined
  readonly externalRefs?: readonly SpdxExternalRef[] | undefined
  readonly annotations?: readonly SpdxAnnotation[] | undefined
}

export interface SpdxRelationship {
  readonly spdxElementId: string
  readonly relationshipType: string
  readonly relatedSpdxElement: string
  readonly comment?: string | undefined
}

export interface SpdxExtractedLicense {
  readonly licenseId: string
  readonly name?: string | undefined
  readonly extractedText: string
  readonly comment?: string | undefined
}

export interface SpdxDocument {
  readonly spdxVersion: 'SPDX-2.3'
  readonly dataLicense: string
  readonly SPDXID: string
  readonly name: string
  readonly documentNamespace: string
  readonly comment?: string | undefined
  readonly creationInfo: {
    readonly created: string
    readonly creators: readonly string[]
    readonly comment?: string | undefined
  }
  readonly annotations?: readonly SpdxAnnotation[] | undefined
  readonly packages: readonly SpdxPackage[]
  readonly hasExtractedLicensingInfos?: readonly SpdxExtractedLicense[] | undefined
  readonly relationships: readonly SpdxRelationship[]
}

export const DOCUMENT_ID = 'SPDXRef-DOCUMENT'
export const NOASSERTION = 'NOASSERTION'
export const NONE = 'NONE'
/** SPDX 2.3 §6.2: the only license that a document may have. */
export const DATA_LICENSE = 'CC0-1.0'

/** Comments of `DEPENDS_ON NOASSERTION`. */
export const SOME_UNKNOWN = 'Some of its dependencies are not known.'
export const ALL_UNKNOWN = 'It is not known whether these are all of its dependencies.'
