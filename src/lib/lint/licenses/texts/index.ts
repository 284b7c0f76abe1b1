export { allDeclaredAreFound, concludeLicense } from './conclude-license.ts'
export { isLicenseFileName } from './license-files.ts'
export { isPointerToLicense, type LicenseMatch, matchLicenseText } from './match-license-text.ts'
export { copyrightNotices } from './words.ts'
