/** The tags of the tag-value encoding of SPDX 2 and where the JSON encoding has their values. */

export type Fields = Record<string, unknown>

/** What the tags of an element are allowed in; files and snippets are only looked at for their identifiers. */
export type ElementKind = 'document' | 'package' | 'file' | 'snippet' | 'license'

/** Tags that begin an element, with the list of the document that it belongs to. */
export const OPENING: ReadonlyMap<
  string,
  { readonly kind: ElementKind; readonly list: string; readonly key: string }
> = new Map([
  ['PackageName', { kind: 'package', list: 'packages', key: 'name' }],
  ['FileName', { kind: 'file', list: 'files', key: 'fileName' }],
  ['SnippetSPDXID', { kind: 'snippet', list: 'snippets', key: 'SPDXID' }],
  ['LicenseID', { kind: 'license', list: 'hasExtractedLicensingInfos', key: 'licenseId' }],
])

/** Tags with one value that is taken as it stands. */
export const PLAIN: ReadonlyMap<string, readonly [kind: ElementKind, key: string]> = new Map([
  ['SPDXVersion', ['document', 'spdxVersion']],
  ['DataLicense', ['document', 'dataLicense']],
  ['DocumentName', ['document', 'name']],
  ['DocumentNamespace', ['document', 'documentNamespace']],
  ['DocumentComment', ['document', 'comment']],
  ['PackageVersion', ['package', 'versionInfo']],
  ['PackageSupplier', ['package', 'supplier']],
  ['PackageOriginator', ['package', 'originator']],
  ['PackageDownloadLocation', ['package', 'downloadLocation']],
  ['PackageHomePage', ['package', 'homepage']],
  ['PackageSourceInfo', ['package', 'sourceInfo']],
  ['PackageLicenseConcluded', ['package', 'licenseConcluded']],
  ['PackageLicenseDeclared', ['package', 'licenseDeclared']],
  ['PackageLicenseComments', ['package', 'licenseComments']],
  ['PackageCopyrightText', ['package', 'copyrightText']],
  ['PackageSummary', ['package', 'summary']],
  ['PackageDescription', ['package', 'description']],
  ['PackageComment', ['package', 'comment']],
  ['PackageFileName', ['package', 'packageFileName']],
  ['PrimaryPackagePurpose', ['package', 'primaryPackagePurpose']],
  ['ExtractedText', ['license', 'extractedText']],
  ['LicenseName', ['license', 'name']],
  ['LicenseComment', ['license', 'comment']],
])

/** Known tags that no bill of materials needs. */
const UNUSED: ReadonlySet<string> = new Set(
  `ExternalDocumentRef LicenseListVersion FilesAnalyzed PackageVerificationCode PackageLicenseInfoFromFiles
  PackageAttributionText ExternalRefComment ReleaseDate BuiltDate ValidUntilDate LicenseCrossReference
  FileType FileChecksum LicenseConcluded LicenseInfoInFile LicenseComments FileCopyrightText FileComment FileNotice
  FileContributor FileAttributionText FileDependency ArtifactOfProjectName ArtifactOfProjectHomePage
  ArtifactOfProjectURI SnippetFromFileSPDXID SnippetByteRange SnippetLineRange SnippetLicenseConcluded
  LicenseInfoInSnippet SnippetLicenseComments SnippetCopyrightText SnippetComment SnippetName
  SnippetAttributionText Reviewer ReviewDate ReviewComment`.split(/\s+/),
)

export function isUnused(tag: string): boolean {
  return UNUSED.has(tag)
}
