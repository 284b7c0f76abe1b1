/** Patterns with `*`, matched without trying every way: a pattern comes from a file that anybody may have written. */

/**
 * @param pattern `*` stands for any run of characters, none included
 * @see Robert A. van Engelen, "Fast String Matching with Wildcards, Globs, and Gitignore-Style Globs", 2019: only the
 *   last star has to be remembered
 */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0
  let within = 0
  let starWithin = -1
  let starAt = 0
  while (at < text.length) {
    if (pattern[within] === '*') {
      starWithin = within
      starAt = at
      within += 1
    } else if (within < pattern.length && pattern[within] === text[at]) {
      at += 1
      within += 1
    } else if (starWithin >= 0) {
      starAt += 1
      at = starAt
      within = starWithin + 1
    } else return false
  }
  while (pattern[within] === '*') within += 1
  return within === pattern.length
}
