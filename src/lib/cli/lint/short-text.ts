/** Longer than names and licenses are; a document may hold megabytes where a name belongs. */
const MAX_LENGTH = 200

/** The text for one line of a terminal; the JSON answer has all of it. */
export function shortText(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH).toWellFormed()}…`
}
