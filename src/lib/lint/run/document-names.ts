/** By which names bills of materials are found in folders. */

/** The suffixes that SPDX and CycloneDX recommend, and what tools write by default. */
const OWN_NAME = /(?:\.spdx|\.spdx3?\.json|\.spdx\.jsonld|\.cdx\.json|\.bom\.json)$|(?:^|\/)bom\.json$/i

/** Also the names of configurations and test data. */
const LOOSE_NAME = /(?:^|\/)s?bom[^/]*\.json$/i

const MARKS = /"(?:bomFormat|spdxVersion|SPDXID)"|"@context"\s*:\s*"https:\/\/spdx\.org\//

export function isDocumentName(path: string): boolean {
  return OWN_NAME.test(path) || LOOSE_NAME.test(path)
}

/** A file that was not named by the user, and whose name may mean something else, has to show what it is. */
export function looksLikeDocument(path: string, text: string): boolean {
  return OWN_NAME.test(path) || MARKS.test(text)
}
