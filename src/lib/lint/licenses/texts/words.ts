/**
 * A license text as the words that carry its meaning, by the SPDX License List Matching Guidelines 2.3: case, white
 * space, punctuation, bullets, comment signs, copyright notices and titles are no part of it, and spellings of one
 * word are equal.
 */

import { withoutNames } from './replaceable.ts'

/** More than four times the longest text that SPDX lists; what is longer is a collection, not a license. */
const MAX_TEXT_LENGTH = 512 * 1024

/** Words of a title, and lines that may stand before the text; what stands later belongs to the text. */
const MAX_TITLE_WORDS = 10
const MAX_HEAD_LINES = 30

/**
 * @param text of a license file, or of a license that SPDX lists
 * @returns words in lower case; empty for a text that is longer than a license can be
 */
export function licenseWords(text: string): readonly string[] {
  if (text.length > MAX_TEXT_LENGTH) return []
  const kept = withoutTitle(withoutNotices(linesOf(text)))
    .join('\n')
    .toLowerCase()
  const words = (joinParts(kept).match(/[\p{L}\p{N}]+/gu) ?? []).map(plainWord)
  return withoutNames(words.join(' '), (name) => !DEMANDS.test(name.join(' '))).split(' ')
}

/**
 * Notices of who holds the copyright, as written, without repetition. Placeholders such as `<year>` are none.
 * @param text of a license file
 */
export function copyrightNotices(text: string): readonly string[] {
  if (text.length > MAX_TEXT_LENGTH) return []
  const notices = linesOf(text)
    .filter((line) => isNotice(line) && !PLACEHOLDER.test(line))
    .map((line) => line.replace(RIGHTS_RESERVED, '').replace(/\s+/g, ' ').trim())
  return [...new Set(notices)].filter((notice) => /\d|\p{L}\p{L}/u.test(notice.replace(/copyright/gi, '')))
}

/** The lines without comment signs, quotation marks, markup, addresses, and bullets before them. */
function linesOf(text: string): readonly string[] {
  return text
    .replace(/[\u2018\u2019\u201b\u2032\u0060\u00b4'*]/g, '')
    .replace(/&(?:lt|gt|amp|quot|nbsp|#\d{1,6});/g, ' ')
    .replace(/\bhttps?:\/\/[^\s)>\]"]+/gi, ' ')
    .split(/\r\n|[\n\r\f\v\u0085\u2028\u2029]/)
    .map(bareLine)
}

function bareLine(line: string): string {
  const plain = line.replace(SIGNS_BEFORE, '').replace(BULLET, '').replace(SIGNS_BEFORE, '')
  let end = plain.length
  while (end > 0 && SIGNS_AFTER.includes(plain.charAt(end - 1))) end -= 1
  return plain.slice(0, end)
}

const SIGNS_BEFORE = /^[\s\ufeff#/>;%|"\u201c=~_-]+/
/** A pattern for the end of a line would try every blank of a long line as its beginning. */
const SIGNS_AFTER = ' \t\u00a0#/|"\u201d_=~'

const BULLET =
  /^(?:[([]?(?:\d{1,2}(?:\.\d{1,2})*|[a-zA-Z]|[ivxIVX]{1,5})[.)\]]|[\u2022\u00b7\u2013\u2014])(?:\s+|$)/

const NOTICE_START =
  /^(?:(?:portions?|parts?|some parts|modifications?|original code)\s+)?(?:are\s+|is\s+)?(?:copyright(?:ed)?|\u00a9|\(c\)|copr\.)(?=\W|$)/i

/** After `copyright`: a year, a sign, `by`, or a name. Anything else is a sentence about copyright. */
const NOTICE_REST =
  /^\W*(?:\d{4}|\u00a9|\(c\)|c\)|by\s|[<[{(](?:year|yyyy|name|the|your|dates?|owner|author)|year|yyyy|present)/i
const NAME_REST =
  /^[\s:,]*(?!(?:holders?|owners?|notices?|laws?|licen[cs]es?|interests?|statements?|and|or|in|of|protection|permission|status)\b)\p{Lu}[\p{L}.]*/iu

/** A line that says more than who holds the copyright has to be compared like all others. */
const DEMANDS =
  /\b(?:prohibited|forbidden|must|shall|only|solely|non|commercial|noncommercial|military|evaluation|academic|educational|personal|internal|permission|without|not|no|except|unless)\b/i

function isNotice(line: string): boolean {
  if (DEMANDS.test(line.slice(0, 1000)) || line.length > 1000) return false
  const start = NOTICE_START.exec(line.slice(0, 200))
  if (start === null) return false
  const rest = line.slice(start[0].length, 200)
  if (/^(?:\u00a9|\(c\))$/i.test(start[0].trim())) return /^\s*(?:\d{4}|copyright|\p{Lu})/iu.test(rest)
  // A name has a capital letter where the word itself is not written in capitals, as sentences are.
  const isName = !/COPYRIGHT/.test(start[0]) && /^[\s:,]*\p{Lu}/u.test(rest) && NAME_REST.test(rest)
  return NOTICE_REST.test(rest) || isName
}

const RIGHTS_RESERVED = /\b(?:all|some) rights? reserved\b\.?/gi
const PLACEHOLDER =
  /[<[{](?:[^>\]}]{0,40}\b)?(?:years?|yyyy|dates?|names?|owners?|holders?|authors?|fullname)\b/i

/** Lines after a notice that go on with it: years and names in further lines, addresses, links. */
const NOTICE_GOES_ON =
  /^(?:\d{4}\b|and (?:other )?contributors\b|[^\s<(]+(?: [^\s<(]+){0,5} ?[<(](?:[^\s@<>()]+@[^\s@<>()]+|https?:[^\s<>()]+)[>)]|https?:\S+$|all rights reserved)/i

function withoutNotices(lines: readonly string[]): string[] {
  let inNotice = false
  return lines.map((line) => {
    inNotice =
      isNotice(line) || (inNotice && !DEMANDS.test(line) && line.length < 300 && NOTICE_GOES_ON.test(line))
    return inNotice ? '' : line.replace(RIGHTS_RESERVED, '')
  })
}

const TITLE = /\b(?:licen[cs]es?|licence|public domain)\b/i
/** Words of a sentence that says to what, or whether, the text applies: that is no title. */
const SAYS_SOMETHING =
  /\b(?:licensed|licenced|dual|under|except|unless|applies|see|for|from|is|are|not|no|only|this|following|software|portions|third|permission|you|your|of)\b/i

/** Titles come and go; the same text with another one is the same license. */
function withoutTitle(lines: readonly string[]): readonly string[] {
  let kept = 0
  while (kept < Math.min(lines.length, MAX_HEAD_LINES)) {
    const line = lines[kept] ?? ''
    const isBlank = !/[\p{L}\p{N}]/u.test(line)
    if (!isBlank && !isTitle(line)) break
    kept += 1
  }
  return lines.slice(kept)
}

function isTitle(line: string): boolean {
  return (
    line.length < 100 &&
    !SAYS_SOMETHING.test(line) &&
    !DEMANDS.test(line) &&
    line.split(/\s+/).length <= MAX_TITLE_WORDS &&
    (TITLE.test(line) || /^version \d[^a-z]*(?:january|march|june|february)?[ ,\d]*$/i.test(line))
  )
}

/** Words that are written in one or in two. */
function joinParts(line: string): string {
  return line
    .replace(/\bsub[- ]licen[cs]/g, 'sublicens')
    .replace(/\bnon-commercial/g, 'noncommercial')
    .replace(/\be-mail/g, 'email')
    .replace(/\bper cent\b/g, 'percent')
    .replace(/\bcopyright[- ]holder/g, 'copyright holder')
}

const SPELLINGS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    licence: 'license',
    licences: 'licenses',
    sublicensce: 'sublicense',
    acknowledgement: 'acknowledgment',
    acknowledgements: 'acknowledgments',
    analogue: 'analog',
    analyse: 'analyze',
    artefact: 'artifact',
    catalogue: 'catalog',
    centre: 'center',
    favour: 'favor',
    fulfil: 'fulfill',
    fulfilment: 'fulfillment',
    judgement: 'judgment',
    labour: 'labor',
    offence: 'offense',
    practise: 'practice',
    programme: 'program',
    whilst: 'while',
    wilful: 'willful',
  }),
)

/** `authorise` and `authorize` are one word; so are the nonsense words that this makes on both sides alike. */
function plainWord(word: string): string {
  const spelled = SPELLINGS.get(word) ?? word
  return spelled.length > 6 && spelled.includes('is', 3)
    ? spelled.replace(/is(e|ed|es|er|ing|ation|ations)$/, 'iz$1')
    : spelled
}
