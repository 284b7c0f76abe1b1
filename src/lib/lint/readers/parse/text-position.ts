/** Places in texts, for messages that say where. */

export interface TextPosition {
  /** 1 and up. */
  readonly line: number
  /** 1 and up, in UTF-16 code units. */
  readonly column: number
}

/** @param offset in UTF-16 code units */
export function positionAt(text: string, offset: number): TextPosition {
  const before = text.slice(0, Math.max(0, offset))
  const lastBreak = before.lastIndexOf('\n')
  let line = 1
  for (let at = before.indexOf('\n'); at !== -1; at = before.indexOf('\n', at + 1)) line += 1
  return { line, column: before.length - lastBreak }
}

/** A text that does not parse. Readers turn it into a problem of the file; nobody outside sees it. */
export class UnreadableText extends Error {
  readonly line: number
  readonly column: number

  constructor(message: string, { line, column }: TextPosition) {
    super(message)
    this.line = line
    this.column = column
  }
}
