/** "Did you mean": the nearest command for words that are none. */
import { AivError } from '../../core/index.ts'

interface NamedCommand {
  readonly id: string
  readonly hidden?: boolean
}

/** More edits than this are a different word, not a slip. */
const MAX_EDITS = 4

/** @param words the words that the user typed, up to the first flag */
export function unknownCommand(words: readonly string[], commands: readonly NamedCommand[]): AivError {
  const typed = words.join(' ')
  const names = commands.filter((command) => command.hidden !== true).map(({ id }) => id.replaceAll(':', ' '))
  const nearest = nearestName(typed, names)
  const hint = nearest === undefined ? 'Run "aiv help" for the commands' : `Did you mean "aiv ${nearest}"?`
  return new AivError('E_USAGE', `unknown command "${typed}"`, { hint })
}

function nearestName(typed: string, names: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = MAX_EDITS + 1
  for (const name of names) {
    // Extra words are arguments, so as many words are compared as the command has.
    const candidate = typed.split(' ').slice(0, name.split(' ').length).join(' ')
    const distance = editDistance(candidate, name)
    if (distance < bestDistance && distance < name.length / 2) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein distance: insertions, deletions and replacements of one character. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
