/** The texts that SPDX lists, read when a text has to be compared with them, each turned into words once. */
import { createRequire } from 'node:module'
import { field, string, strings, table } from '../../readers/parse/shape.ts'
import { countListed, type WordCounts } from './word-counts.ts'
import { licenseWords } from './words.ts'

/** A text of a license: whole, or without the parts that many leave out. */
export interface ListedText {
  readonly words: readonly string[]
  /** Of the whole text, of which this one is a part. */
  readonly counts: WordCounts
  /** How many of the words are terms; what follows explains how to apply them. */
  readonly terms: number
}

export interface ListedLicense {
  /** SPDX identifier. */
  readonly id: string
  /** SPDX has replaced the identifier by others. */
  readonly isDeprecated: boolean
  /** Characters of the text as it is listed, and of the first of two texts that are listed together. */
  readonly length: number
  readonly shortest: number
  readonly texts: readonly ListedText[]
}

/** These are nearly all texts that packages ship; each alone is read in a fraction of the time that all need. */
const FREQUENT = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-3-Clause',
  'BSD-2-Clause',
  '0BSD',
  'Unlicense',
  'BlueOak-1.0.0',
]

/** Where the terms begin, after words about the document: CC0 1.0 and the Creative Commons licenses 4.0. */
const BEGINNINGS = ['statement of purpose the laws', 'by exercising the licensed rights'].map(split)

/** Where the terms have ended: GNU and Apache licenses, and those of Creative Commons. */
const ENDINGS = [
  'end of terms and conditions',
  'creative commons is not a party to its',
  'creative commons may be contacted',
  'addendum how to use this license for your documents',
].map(split)

/** LGPL-3.0 is listed with GPL-3.0, which it adds to; nearly all ship the two as two files. */
const SECOND_LICENSE = split('gnu general public license version 3 29 june 2007')
const SECOND_LICENSE_START = /(?<=\S\s+)GNU GENERAL PUBLIC LICENSE\s+Version 3, 29 June 2007/
const MIN_FIRST_LICENSE_WORDS = 500
const MIN_FIRST_LICENSE_LENGTH = 3000

const load = createRequire(import.meta.url)

let frequent: readonly ListedLicense[] | undefined
let all: readonly ListedLicense[] | undefined
let deprecated: ReadonlySet<string> | undefined

/** A few licenses whose texts no other license shares. */
export function frequentLicenses(): readonly ListedLicense[] {
  frequent ??= FREQUENT.map((id) => listed(id, load(`spdx-license-list/licenses/${id}.json`) as unknown))
  return frequent
}

/** All licenses that SPDX lists, by identifier in the order of code points. */
export function listedLicenses(): readonly ListedLicense[] {
  if (all === undefined) {
    const list = table(load('spdx-license-list/full.js') as unknown)
    all = Object.keys(list)
      .sort()
      .map((id) => listed(id, list[id]))
  }
  return all
}

function listed(id: string, entry: unknown): ListedLicense {
  const text = string(field(entry, 'licenseText')) ?? ''
  deprecated ??= new Set(strings(load('spdx-license-ids/deprecated.json') as unknown))
  const second = text.search(SECOND_LICENSE_START)
  let texts: readonly ListedText[] | undefined
  return {
    id,
    isDeprecated: deprecated.has(id),
    length: text.length,
    shortest: second > MIN_FIRST_LICENSE_LENGTH ? second : text.length,
    get texts() {
      texts ??= textsOf(licenseWords(text))
      return texts
    },
  }
}

function textsOf(words: readonly string[]): readonly ListedText[] {
  const beginning = firstOf(BEGINNINGS, words, 0)
  const ending = firstOf(ENDINGS, words, 0)
  const second = find(SECOND_LICENSE, words, MIN_FIRST_LICENSE_WORDS)
  const starts = beginning === undefined ? [0] : [0, beginning]
  const ends = [words.length, ending, second].filter((end) => end !== undefined)
  const counts = countListed(words)
  return starts.flatMap((start) =>
    ends.map((end) => ({
      words: words.slice(start, end),
      counts,
      terms: (ending ?? words.length) - start,
    })),
  )
}

function firstOf(
  markers: readonly (readonly string[])[],
  words: readonly string[],
  from: number,
): number | undefined {
  const places = markers.map((marker) => find(marker, words, from)).filter((at) => at !== undefined)
  return places.length === 0 ? undefined : Math.min(...places)
}

function find(marker: readonly string[], words: readonly string[], from: number): number | undefined {
  const [first = ''] = marker
  for (let at = words.indexOf(first, from); at !== -1; at = words.indexOf(first, at + 1))
    if (marker.every((word, i) => words[at + i] === word)) return at
  return undefined
}

function split(words: string): readonly string[] {
  return words.split(' ')
}
