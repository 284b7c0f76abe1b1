/** Where the entries of a generated YAML file stand: such files give every entry a line of its own. */

/**
 * @returns for each key that is indented by one level (one to four blanks), the first line it begins, 1 and up
 */
export function keyLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  for (const [index, line] of text.split('\n').entries()) {
    const key = /^ {1,4}(?:- )?"?([^\s"':#][^\s"':]{0,200})"?(?::| \()/.exec(line)?.[1]
    if (key !== undefined && !lines.has(key)) lines.set(key, index + 1)
  }
  return lines
}
