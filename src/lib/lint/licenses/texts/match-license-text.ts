/**
 * Which license a text is. A text is a license's when at least 95 of 100 words are the same in the same order, and
 * no difference is long or turns the sense: adding "not" to a clause, or a clause to a license, makes another license.
 */
import { type Difference, differences } from './differences.ts'
import { frequentLicenses, type ListedLicense, type ListedText, listedLicenses } from './listed-licenses.ts'
import { commonWords, countGiven } from './word-counts.ts'
import { licenseWords } from './words.ts'

export interface LicenseMatch {
  /**
   * SPDX identifier of the text. Where one text serves several licenses that differ in what is said elsewhere, such as
   * `GPL-2.0-only` and `GPL-2.0-or-later`, the deprecated identifier that leaves it open.
   */
  readonly license: string
  /** 0.95 to 1: the share of words that both texts have in the same order (Dice coefficient). */
  readonly similarity: number
  /** All identifiers with this same text, {@link license} among them, in the order of code points. */
  readonly sameText: readonly string[]
  /** The text alone does not say which of {@link sameText} is meant. */
  readonly isOpen: boolean
}

/** As licensee, the tool behind the license names on code hosts. */
const MIN_SIMILARITY = 0.95

/** Words in one place: a name that replaces another fits, a further condition does not. */
const MAX_DIFFERENCE_WORDS = 16

/** Words in one place after the end of the terms, where it is explained how to apply them. */
const MAX_APPENDIX_WORDS = 60

/** Words of a title that may stand before a listed text and not before the given one. */
const MAX_TITLE_WORDS = 12

/** A text with fewer words names a license or points to it, and is none. */
const MIN_WORDS = 10

/** Different texts that are remembered; packages ship the same few over and over. */
const MAX_REMEMBERED = 256
const MAX_REMEMBERED_LENGTH = 65_536

/** Words that turn what a sentence permits or demands. */
const TURNING = new Set(
  (
    'not no non never neither nor cannot without except excepting excluding unless only solely must prohibited ' +
    'forbidden noncommercial commercial commercially military nuclear evil education educational academic research ' +
    'personal internal fee royalty patent patents train training revoke revoked terminate terminated'
  ).split(' '),
)

const remembered = new Map<string, LicenseMatch | undefined>()

/**
 * @param text of a license file, whole
 * @returns the license that is most similar; undefined when none is similar enough
 */
export function matchLicenseText(text: string): LicenseMatch | undefined {
  const words = licenseWords(text)
  if (words.length < MIN_WORDS) return undefined
  const key = words.join(' ')
  if (remembered.has(key)) return remembered.get(key)
  const match = exactMatch(words) ?? bestMatch(words)
  if (key.length > MAX_REMEMBERED_LENGTH) return match
  if (remembered.size >= MAX_REMEMBERED) remembered.clear()
  remembered.set(key, match)
  return match
}

/** Nothing is more similar than the same words, so that the other licenses need not be looked at. */
function exactMatch(words: readonly string[]): LicenseMatch | undefined {
  const found = frequentLicenses().find((license) =>
    license.texts.some((listed) => same(listed.words, words)),
  )
  return found === undefined
    ? undefined
    : { license: found.id, similarity: 1, sameText: [found.id], isOpen: false }
}

function bestMatch(words: readonly string[]): LicenseMatch | undefined {
  const characters = words.reduce((sum, word) => sum + word.length, 0)
  const candidates = listedLicenses()
    .filter((license) => isOfSimilarLength(license, characters))
    .map((license) => ({ license, texts: license.texts }))
  const given = countGiven(words)
  const near: ListedLicense[] = []
  let best: ListedLicense | undefined
  let similarity = 0
  for (const { license, texts } of candidates) {
    const reached = Math.max(...texts.map((listed) => similarityOf(listed, words, given)))
    if (reached < MIN_SIMILARITY) continue
    near.push(license)
    if (reached <= similarity) continue
    best = license
    similarity = reached
  }
  if (best === undefined) return undefined
  const alike = near.filter((license) => sharesText(license, best))
  return {
    ...nameOf(alike),
    similarity: Math.floor(similarity * 10_000) / 10_000,
    sameText: alike.map(({ id }) => id),
  }
}

function sharesText(a: ListedLicense, b: ListedLicense): boolean {
  return a.texts.some((text) => b.texts.some((other) => same(text.words, other.words)))
}

/**
 * Spaces, signs and notices, which `characters` lacks, take a seventh to two fifths of a text, and more of a short
 * one.
 */
function isOfSimilarLength({ length, shortest }: ListedLicense, characters: number): boolean {
  return characters > shortest * (length < 2000 ? 0.36 : 0.55) && characters < length * 0.95 + 100
}

function similarityOf(listed: ListedText, words: readonly string[], given: Int32Array): number {
  const total = listed.words.length + words.length
  const maxEdits = Math.floor(total * (1 - MIN_SIMILARITY)) + MAX_TITLE_WORDS
  // Common words in any order bound those in the same order, and are counted sooner; those of the whole bound a part's.
  if (total - 2 * commonWords(listed.counts, given) > maxEdits) return 0
  const places = differences(listed.words, words, maxEdits)
  if (places?.every((place) => isHarmless(place, listed.terms)) !== true) return 0
  const [first] = places
  const title = first?.at === 0 ? first.missing.length : 0
  const edits = places.reduce((sum, { missing, added }) => sum + missing.length + added.length, -title)
  return 1 - edits / (total - title)
}

function isHarmless({ missing, added, at }: Difference, terms: number): boolean {
  if (at > terms)
    return added.length <= MAX_APPENDIX_WORDS && !added.some((word) => word.startsWith('exception'))
  if (added.length > MAX_DIFFERENCE_WORDS || missing.length > MAX_DIFFERENCE_WORDS) return false
  const isTitle = at === 0 && added.length === 0 && missing.length <= MAX_TITLE_WORDS
  return isTitle || sameTurningWords(missing, added)
}

function sameTurningWords(missing: readonly string[], added: readonly string[]): boolean {
  const turning = (words: readonly string[]): string =>
    words
      .filter((word) => TURNING.has(word))
      .sort()
      .join(' ')
  return turning(missing) === turning(added)
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i])
}

/** One name for licenses with the same text: the current one, or the one that the others' names begin with. */
function nameOf(licenses: readonly ListedLicense[]): Pick<LicenseMatch, 'license' | 'isOpen'> {
  const all = licenses.map(({ id }) => id)
  const current = licenses.filter(({ isDeprecated }) => !isDeprecated).map(({ id }) => id)
  const common = stemOf(current)
  if (common !== undefined) return { license: common, isOpen: false }
  return { license: stemOf(all) ?? all[0] ?? '', isOpen: current.length > 0 }
}

function stemOf(ids: readonly string[]): string | undefined {
  return ids.find((id) => ids.every((other) => other.startsWith(id)))
}
