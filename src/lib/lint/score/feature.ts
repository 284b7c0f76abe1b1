/** One question that a profile asks of a document, and what it found. */
import type { Component } from '../bom/index.ts'
import type { ReadDocument } from '../documents/document.ts'

/** What a document is judged by. */
export interface ScoreInput {
  readonly document: ReadDocument
  /** Whether it holds to the schema of its format. */
  readonly isValid: boolean
}

export interface Measure {
  /** 0 to 10. */
  readonly score: number
  /** Of `total`; for a question about the document itself 0 or 1 of 1. */
  readonly have: number
  readonly total: number
  /** The format cannot say it, and the profile does not count it then. */
  readonly ignored?: boolean | undefined
  /** Where the format cannot say it, and it counts all the same. */
  readonly note?: string | undefined
  /** In place of {@link Feature.fix}, where something else has to be done first. */
  readonly fix?: string | undefined
}

export interface Feature {
  /** As sbomqs calls it, where it has it. */
  readonly key: string
  readonly title: string
  readonly weight: number
  /** What to do where something is missing, one sentence without a full stop. */
  readonly fix: string
  /** Of the features of one group the best counts, with the weights of all. */
  readonly group?: string | undefined
  measure(input: ScoreInput): Measure
}

export interface Category {
  readonly key: string
  readonly title: string
  readonly weight: number
  readonly features: readonly Feature[]
}

/** Nearly all is not all: less than everything scores at most this. */
const ALMOST = 9.9

/** 10 or 0. */
export function whole(is: boolean, note?: string): Measure {
  return { score: is ? 10 : 0, have: is ? 1 : 0, total: 1, note }
}

/** Ten times the part of the components for which it holds; a document without components is not judged by it. */
export function share({ document }: ScoreInput, holds: (component: Component) => boolean): Measure {
  const { components } = document.bom
  if (components.length === 0) return { score: 0, have: 0, total: 0, ignored: true }
  return ratio(components.filter(holds).length, components.length)
}

export function ratio(have: number, total: number): Measure {
  if (total === 0) return { score: 0, have, total }
  const score = (10 * have) / total
  return { score: have < total ? Math.min(score, ALMOST) : score, have, total }
}
