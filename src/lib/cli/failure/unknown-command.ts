/** Words that are no command. */
import { AivError } from '../../core/index.ts'
import { nearestWord } from './nearest-word.ts'

interface NamedCommand {
  readonly id: string
  readonly hidden?: boolean
}

/** A hostile or mistaken script may pass a whole file as a word; nobody reads more of it. */
const MAX_SHOWN = 80

/** @param words the words that the user typed, up to the first flag */
export function unknownCommand(words: readonly string[], commands: readonly NamedCommand[]): AivError {
  const typed = words.join(' ').slice(0, MAX_SHOWN)
  const names = commands.filter((command) => command.hidden !== true).map(({ id }) => id.replaceAll(':', ' '))
  const nearest = nearestCommand(typed, names)
  const hint = nearest === undefined ? 'Run "aiv help" for the commands' : `Did you mean "aiv ${nearest}"?`
  return new AivError('E_USAGE', `unknown command "${typed}"`, { hint })
}

/** Extra words are arguments, so commands of one word are compared with one word, of two with two. */
function nearestCommand(typed: string, names: readonly string[]): string | undefined {
  const words = typed.split(' ')
  for (let length = words.length; length > 0; length--) {
    const sameLength = names.filter((name) => name.split(' ').length === length)
    const nearest = nearestWord(words.slice(0, length).join(' '), sameLength)
    if (nearest !== undefined) return nearest
  }
  return undefined
}
