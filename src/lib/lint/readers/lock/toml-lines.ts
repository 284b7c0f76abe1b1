/** Lines of the entries of a TOML lockfile, which the parser does not tell. */

/**
 * @param header such as `[[package]]`
 * @param count of the entries that the parser found
 * @returns lines from 1, in order; empty when the text has another number of such headers, as it has where one
 *   stands in a text of several lines
 */
export function headerLines(text: string, header: string, count: number): readonly number[] {
  const lines: number[] = []
  let line = 1
  for (let start = 0; start !== -1; line += 1) {
    const end = text.indexOf('\n', start)
    const row = (end === -1 ? text.slice(start) : text.slice(start, end)).trim()
    if (row.startsWith(header) && /^\s*(?:#|$)/.test(row.slice(header.length))) lines.push(line)
    start = end === -1 ? -1 : end + 1
  }
  return lines.length === count ? lines : []
}
