/**
 * Parts of license texts in which each maker's own name stands, which the SPDX templates mark as replaceable. Who
 * gives the disclaimer is not what the license permits.
 */

/** Within words that are written with one space between them: what stands before a name, and after it. */
const PARTS: readonly (readonly [pattern: RegExp, plain: string])[] = [
  [part('in no event shall', 'be liable'), 'in no event shall holder be liable'],
  [part('is provided by', 'as is and any express'), 'is provided by holder as is and any express'],
  [
    part('is provided as is and', 'disclaims? all warranties'),
    'is provided as is and holder disclaims all warranties',
  ],
  [
    part(
      'neither the names? of',
      'nor (?:the names?|those) of (?:its |their |any |the )?contributors may be used',
    ),
    'neither the name of holder nor the names of its contributors may be used',
  ],
]

function part(before: string, after: string): RegExp {
  return new RegExp(`\\b${before} ((?:[\\p{L}\\p{N}]+ ){1,14}?)${after}\\b`, 'gu')
}

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
