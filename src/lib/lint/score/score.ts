/** Says how good a document is, feature by feature, and what would make it better. */
import type { Category, Feature, Measure, ScoreInput } from './feature.ts'
import { CISA_2025, NTIA } from './minimum-elements.ts'
import { hasConcluded } from './questions.ts'
import { SBOMQS } from './sbomqs.ts'

export const SCORE_PROFILES = ['sbomqs', 'ntia', 'cisa-2025'] as const
export type ScoreProfile = (typeof SCORE_PROFILES)[number]

const CATEGORIES: Readonly<Record<ScoreProfile, readonly Category[]>> = {
  sbomqs: SBOMQS,
  ntia: NTIA,
  'cisa-2025': CISA_2025,
}

/** What the numbers belong to: a profile that changes gets another version. */
const VERSIONS: Readonly<Record<ScoreProfile, string>> = {
  sbomqs: 'sbomqs 2 (e9deb52b)',
  ntia: 'NTIA 2021-07-12',
  'cisa-2025': 'CISA draft 2025-08-22',
}

export interface FeatureScore extends Measure {
  readonly key: string
  readonly title: string
  readonly weight: number
  /** What to do; undefined where nothing is missing or the format cannot say it. */
  readonly fix?: string | undefined
}

export interface CategoryScore {
  readonly key: string
  readonly title: string
  readonly weight: number
  /** 0 to 10. */
  readonly score: number
  readonly features: readonly FeatureScore[]
}

export interface Score {
  readonly profile: ScoreProfile
  readonly profileVersion: string
  /** 0 to 10, not rounded. */
  readonly score: number
  readonly grade: 'A' | 'B' | 'C' | 'D' | 'F'
  /** True when no feature that counts and that the format can say lacks anything. */
  readonly isComplete: boolean
  readonly categories: readonly CategoryScore[]
  /** What has to be known to understand the number. */
  readonly notes: readonly string[]
}

export function scoreDocument(input: ScoreInput, profile: ScoreProfile): Score {
  const categories = CATEGORIES[profile].map((category) => scoreCategory(category, input))
  const weight = categories.reduce((sum, category) => sum + category.weight, 0)
  const score = categories.reduce((sum, category) => sum + category.score * category.weight, 0) / weight
  return {
    profile,
    profileVersion: VERSIONS[profile],
    score,
    grade: gradeOf(score),
    isComplete: categories.every(({ features }) => features.every(({ fix }) => fix === undefined)),
    categories,
    notes: notesOn(input, profile),
  }
}

function scoreCategory(category: Category, input: ScoreInput): CategoryScore {
  const measured = category.features.map((feature) => ({ feature, measure: feature.measure(input) }))
  const counted = measured.filter(({ measure }) => measure.ignored !== true)
  const weight = counted.reduce((sum, { feature }) => sum + feature.weight, 0)
  const best = bestOfGroups(counted)
  const sum = counted.reduce((total, { feature, measure }) => {
    const { group } = feature
    const score = group === undefined ? measure.score : (best.get(group) ?? 0)
    return total + score * feature.weight
  }, 0)
  return {
    key: category.key,
    title: category.title,
    weight: category.weight,
    score: weight === 0 ? 0 : sum / weight,
    features: measured.map(({ feature, measure }) => ({
      key: feature.key,
      title: feature.title,
      weight: feature.weight,
      ...measure,
      fix: fixOf(feature, measure, best),
    })),
  }
}

function bestOfGroups(
  counted: readonly { readonly feature: Feature; readonly measure: Measure }[],
): ReadonlyMap<string, number> {
  const best = new Map<string, number>()
  for (const { feature, measure } of counted)
    if (feature.group !== undefined)
      best.set(feature.group, Math.max(best.get(feature.group) ?? 0, measure.score))
  return best
}

function fixOf(
  { fix, group }: Feature,
  { score, ignored, note, fix: first }: Measure,
  best: ReadonlyMap<string, number>,
): string | undefined {
  const reached = group === undefined ? score : (best.get(group) ?? 0)
  return reached >= 10 || ignored === true || note !== undefined ? undefined : (first ?? fix)
}

function gradeOf(score: number): Score['grade'] {
  if (score >= 9) return 'A'
  if (score >= 8) return 'B'
  if (score >= 7) return 'C'
  return score >= 5 ? 'D' : 'F'
}

function notesOn({ document: { bom, facts } }: ScoreInput, profile: ScoreProfile): readonly string[] {
  if (profile !== 'sbomqs') return []
  const notes: string[] = []
  if (facts.family === 'spdx')
    notes.push(
      'SPDX cannot name a supplier, a phase or the completeness of the document: it reaches 9.34 at most',
    )
  if (!bom.components.some(hasConcluded))
    notes.push(
      'no license is concluded: it follows from license texts only, which are there when the dependencies are installed',
    )
  return notes
}
