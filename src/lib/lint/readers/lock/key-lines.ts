/** Where the entries of a generated YAML file stand: such files give every entry a line of its own. */

/**
 * @returns for each key, or `name (version)` of a list, that is indented by one level, its first line, 1 and up
 */
export function keyLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  let level: number | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent, key] = /^( {1,8})(?:- )?"?([^\s"':#-][^\s"':]{0,200})"?(?::| \(|$)/.exec(line) ?? []
    if (indent === undefined || key === undefined) continue
    level ??= indent.length
    if (indent.length === level && !lines.has(key)) lines.set(key, index + 1)
  }
  return lines
}
