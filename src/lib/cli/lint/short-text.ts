import { printable } from '../output.ts'

/** Longer than names and licenses are; a document may hold megabytes where a name belongs. */
const MAX_LENGTH = 200

/** What a CI runner takes for a command when a line begins with it, or holds it: it could silence what follows. */
const COMMAND = /^\s*::|##\[/g

/** The text for one line of a terminal or of a CI log; the JSON answer has all of it. */
export function shortText(text: string): string {
  const short = text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH).toWellFormed()}…`
  return printable(short).replace(COMMAND, '\ufffd')
}
