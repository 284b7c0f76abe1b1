/** Logical lines of a requirements file, as pip joins and strips them. */

export interface LogicalLine {
  readonly text: string
  /** Of its first part. */
  readonly line: number
}

/** A backslash at the end goes on in the next line; ` #` begins a comment. */
export function* logicalLines(text: string): Generator<LogicalLine> {
  let parts: string[] = []
  let first = 1
  for (const [index, row] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const isComment = row.trimStart().startsWith('#')
    if (parts.length === 0) first = index + 1
    const goesOn = row.endsWith('\\') && !isComment
    parts.push(isComment ? '' : goesOn ? row.slice(0, -1) : row)
    if (goesOn) continue
    yield* logicalLine(parts, first)
    parts = []
  }
  yield* logicalLine(parts, first)
}

function* logicalLine(parts: readonly string[], line: number): Generator<LogicalLine> {
  // One blank for many: patterns that look for blanks must not meet long runs of them.
  const joined = parts.join('').replace(/\s+/g, ' ')
  const comment = joined.search(/(?:^|\s)#/)
  const text = (comment === -1 ? joined : joined.slice(0, comment)).trim()
  if (text !== '') yield { text, line }
}
