/**
 * Parts of license texts in which each maker's own name stands, which the SPDX templates mark as replaceable. Who
 * gives the disclaimer is not what the license permits.
 */

const NAME = '((?:[\\p{L}\\p{N}]+ ){1,14}?)'

/** Within words that are written with one space between them. */
const PARTS: readonly (readonly [pattern: RegExp, plain: string])[] = [
  [new RegExp(`(?<=\\bin no event shall )${NAME}(?=be liable\\b)`, 'gu'), 'holder '],
  [new RegExp(`(?<=\\bis provided by )${NAME}(?=as is and any express\\b)`, 'gu'), 'holder '],
  [
    new RegExp(`(?<=\\bis provided as is and )${NAME}disclaims?(?= all warranties\\b)`, 'gu'),
    'holder disclaims',
  ],
  [
    new RegExp(
      `(?<=\\bneither the )names? of ${NAME}nor (?:the names?|those) of (?:its |their |any |the )?(?=contributors may be used\\b)`,
      'gu',
    ),
    'name of holder nor the names of its ',
  ],
]

/**
 * @param words with one space between them
 * @param isName false for words that say more than a name
 */
export function withoutNames(words: string, isName: (words: readonly string[]) => boolean): string {
  return PARTS.reduce(
    (text, [pattern, plain]) =>
      text.replace(pattern, (whole, name: string) => (isName(name.trimEnd().split(' ')) ? plain : whole)),
    words,
  )
}
