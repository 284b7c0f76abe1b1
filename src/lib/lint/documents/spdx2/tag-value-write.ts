/** The tag-value encoding of SPDX 2.3 (§5): the same parts as the JSON encoding, one tag a line. */
import { oneLine } from '../parts/texts/party.ts'
import {
  NOASSERTION,
  type SpdxAnnotation,
  type SpdxDocument,
  type SpdxExtractedLicense,
  type SpdxPackage,
  type SpdxRelationship,
} from './model.ts'

type Lines = readonly string[]

export function formatTagValue(document: SpdxDocument): string {
  const { creationInfo } = document
  const head = [
    line('SPDXVersion', document.spdxVersion),
    line('DataLicense', document.dataLicense),
    line('SPDXID', document.SPDXID),
    line('DocumentName', document.name),
    line('DocumentNamespace', document.documentNamespace),
    ...text('DocumentComment', document.comment),
    ...creationInfo.creators.map((creator) => line('Creator', creator)),
    line('Created', creationInfo.created),
    ...text('CreatorComment', creationInfo.comment),
  ]
  const sections = [
    head,
    ...annotated(document.annotations, document.SPDXID),
    ...document.packages.map(packageLines),
    ...document.packages.flatMap(({ annotations, SPDXID }) => annotated(annotations, SPDXID)),
    document.relationships.flatMap(relationshipLines),
    ...(document.hasExtractedLicensingInfos ?? []).map(licenseLines),
  ]
  return `${sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n'))
    .join('\n\n')}\n`
}

function packageLines(item: SpdxPackage): Lines {
  return [
    line('PackageName', item.name),
    line('SPDXID', item.SPDXID),
    ...optional('PackageVersion', item.versionInfo),
    ...optional('PackageSupplier', item.supplier),
    ...optional('PackageOriginator', item.originator),
    line('PackageDownloadLocation', item.downloadLocation),
    line('FilesAnalyzed', String(item.filesAnalyzed)),
    ...(item.checksums ?? []).map(({ algorithm, checksumValue }) =>
      line('PackageChecksum', `${algorithm}: ${checksumValue}`),
    ),
    ...optional('PackageHomePage', item.homepage),
    ...text('PackageSourceInfo', item.sourceInfo),
    line('PackageLicenseConcluded', item.licenseConcluded),
    line('PackageLicenseDeclared', item.licenseDeclared),
    ...text('PackageLicenseComments', item.licenseComments),
    // Between the marks it would be the words of a copyright notice (§7.17.3).
    ...(item.copyrightText === NOASSERTION ? optional : text)('PackageCopyrightText', item.copyrightText),
    ...text('PackageDescription', item.description),
    ...(item.externalRefs ?? []).map(({ referenceCategory, referenceType, referenceLocator }) =>
      line('ExternalRef', `${referenceCategory} ${referenceType} ${referenceLocator}`),
    ),
    ...optional('PrimaryPackagePurpose', item.primaryPackagePurpose),
  ]
}

function annotated(annotations: readonly SpdxAnnotation[] | undefined, id: string): readonly Lines[] {
  return (annotations ?? []).map(({ annotator, annotationDate, annotationType, comment }) => [
    line('Annotator', annotator),
    line('AnnotationDate', annotationDate),
    line('AnnotationType', annotationType),
    line('SPDXREF', id),
    ...text('AnnotationComment', comment),
  ])
}

function relationshipLines({
  spdxElementId,
  relationshipType,
  relatedSpdxElement,
  comment,
}: SpdxRelationship): Lines {
  return [
    line('Relationship', `${spdxElementId} ${relationshipType} ${relatedSpdxElement}`),
    ...text('RelationshipComment', comment),
  ]
}

function licenseLines({ licenseId, name, extractedText, comment }: SpdxExtractedLicense): Lines {
  return [
    line('LicenseID', licenseId),
    ...optional('LicenseName', name),
    ...text('ExtractedText', extractedText),
    ...text('LicenseComment', comment),
  ]
}

function optional(tag: string, value: string | undefined): Lines {
  return value === undefined ? [] : [line(tag, value)]
}

function line(tag: string, value: string): string {
  const plain = oneLine(value)
  return plain.startsWith('<text>') ? `${tag}: <text>${escapeText(plain)}</text>` : `${tag}: ${plain}`
}

function text(tag: string, value: string | undefined): Lines {
  if (value === undefined) return []
  return [`${tag}: <text>${escapeText(value)}</text>`]
}

/** The encoding has no escape for its own end mark, so that a text could write tags of its own behind it. */
function escapeText(value: string): string {
  return value
    .toWellFormed()
    .replace(/&((?:amp;)*)lt;\/text>/g, '&amp;$1lt;/text>')
    .replaceAll('</text>', '&lt;/text>')
}
