/** What the license files of a package say, and what follows from them. */
import type { LicenseEvidence } from '../bom/index.ts'
import {
  allDeclaredAreFound,
  concludeLicense,
  copyrightNotices,
  isPointerToLicense,
  type LicenseMatch,
  matchLicenseText,
} from '../licenses/texts/index.ts'
import type { ProjectFiles } from '../readers/reader.ts'
import { readLoosely } from './manifest/read-manifest.ts'

/** A package with more license files is a collection, of which nothing simple is true. */
const MAX_LICENSE_FILES = 40
const MAX_NOTICES = 20

export interface TextFindings {
  readonly evidence: readonly LicenseEvidence[]
  readonly concluded: string | undefined
  readonly copyright: string | undefined
}

/**
 * @param name of the package
 * @param declared its license as the manifest writes it
 */
export function findTexts(
  files: ProjectFiles,
  paths: readonly string[],
  { name, declared }: { readonly name: string; readonly declared: string | undefined },
): TextFindings {
  if (paths.length > MAX_LICENSE_FILES) return { evidence: [], concluded: undefined, copyright: undefined }
  const read = paths.map((path) => ({ path, text: readLoosely(files, path) }))
  const found = read.map(({ path, text }) => {
    const isPointer = text !== undefined && isPointerToLicense(text, name)
    return {
      path,
      text,
      isPointer,
      match: text === undefined || isPointer ? undefined : matchLicenseText(text),
    }
  })
  const matches = found.flatMap(({ match }) => match ?? [])
  const others = found.filter(({ match }) => match === undefined)
  // A text that is not known may demand anything. One that only names the others demands nothing.
  const isWhole =
    others.length === 0 ||
    (allDeclaredAreFound(declared, matches) && others.every(({ isPointer }) => isPointer))
  const concluded = isWhole ? concludeLicense(declared, matches) : undefined
  return {
    evidence: found.flatMap(({ path, match }) =>
      match === undefined ? [] : [{ path, license: nameIn(concluded, match), similarity: match.similarity }],
    ),
    concluded,
    copyright: noticesOf(
      found.flatMap(({ text, match }) => (match === undefined || text === undefined ? [] : [text])),
    ),
  }
}

/** A text of several licenses bears the name of the one that was concluded. */
function nameIn(concluded: string | undefined, { license, sameText }: LicenseMatch): string {
  const ids = concluded?.split(/[\s()]+/) ?? []
  return sameText.find((id) => ids.includes(id)) ?? license
}

function noticesOf(texts: readonly string[]): string | undefined {
  const notices = [...new Set(texts.flatMap(copyrightNotices))].filter(
    (notice) => !OF_THE_LICENSE.test(notice),
  )
  return notices.length === 0 ? undefined : notices.slice(0, MAX_NOTICES).join('\n')
}

/** Holders of the copyright in the words of a license, not in the package. */
const OF_THE_LICENSE =
  /free software foundation|creative commons corporation|open source initiative|sam hocevar/i
