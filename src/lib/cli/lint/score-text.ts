/** A score for people and for programs. */
import { AivError } from '../../core/index.ts'
import type { Score } from '../../lint/score/index.ts'

/** @param text of `--min`; undefined is 0 @throws AivError `E_USAGE` */
export function minimumScore(text: string | undefined): number {
  if (text === undefined) return 0
  const min = Number(text)
  if (/^\d+(?:\.\d+)?$/.test(text) && min <= 10) return min
  throw new AivError('E_USAGE', `cannot take --min ${text}`, {
    hint: 'Give a number from 0 to 10, such as 8.5',
  })
}

export function scoreLines({
  profile,
  profileVersion,
  score,
  grade,
  categories,
  notes,
}: Score): readonly string[] {
  return [
    `${scoreText(score)} of 10, grade ${grade} (${profile}: ${profileVersion})`,
    ...categories.flatMap(({ title, weight, score: part, features }) => [
      '',
      `${scoreText(part).padStart(5)}  ${title}${categories.length > 1 ? ` (weight ${weight})` : ''}`,
      ...features.flatMap((feature) => [
        `  ${feature.ignored === true ? '    -' : scoreText(feature.score).padStart(5)}  ${feature.title}${counted(feature)}`,
        ...(feature.fix === undefined ? [] : [`         fix: ${feature.fix}`]),
      ]),
    ]),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => `note: ${note}`)]),
  ]
}

function counted({ have, total, note }: Score['categories'][number]['features'][number]): string {
  if (note !== undefined) return ` (${note})`
  return total > 1 ? `: ${have} of ${total}` : ''
}

function scoreText(score: number): string {
  return rounded(score).toFixed(2)
}

export function scoreJson(score: Score): Readonly<Record<string, unknown>> {
  const { profile, profileVersion, grade, isComplete, categories, notes } = score
  return {
    profile,
    profile_version: profileVersion,
    score: rounded(score.score),
    grade,
    complete: isComplete,
    categories: categories.map(({ key, title, weight, features, ...category }) => ({
      key,
      title,
      weight,
      score: rounded(category.score),
      features: features.map((feature) => ({
        key: feature.key,
        title: feature.title,
        weight: feature.weight,
        score: rounded(feature.score),
        have: feature.have,
        total: feature.total,
        ignored: feature.ignored === true,
        note: feature.note ?? null,
        fix: feature.fix ?? null,
      })),
    })),
    notes,
  }
}

/** Down, so that 9.996 never reads as the 10 that it is not. */
function rounded(score: number): number {
  return Math.floor(score * 100 + 1e-9) / 100
}
