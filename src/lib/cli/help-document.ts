/** `aiv help --json`: the commands with their arguments, flags and examples, for programs. */
import type { Command } from '@oclif/core/command'
import { unknownCommand } from './failure/unknown-command.ts'
import type { Fields } from './output.ts'

/** Fields of a flag or argument that mean something outside this program. */
const PUBLIC_FIELDS = [
  'name',
  'char',
  'summary',
  'description',
  'required',
  'multiple',
  'type',
  'options',
  'default',
  'env',
]

/**
 * @param words the command or topic that is asked about; none for all
 * @throws AivError `E_USAGE` when there is no such command or topic
 */
export function helpDocument(commands: readonly Command.Loadable[], words: readonly string[]): Fields {
  const asked = words.join(':')
  const found = commands.filter(
    ({ id, hidden }) => hidden !== true && (asked === '' || id === asked || id.startsWith(`${asked}:`)),
  )
  if (found.length === 0) throw unknownCommand(words, commands)
  return { commands: found.map(describe) }
}

function describe(command: Command.Loadable): Fields {
  const { id, summary, description, args, flags, examples } = command
  return {
    command: id.replaceAll(':', ' '),
    summary,
    description,
    args: Object.values(args).map(publicFields),
    flags: Object.values(flags).map(publicFields),
    examples: (examples ?? []).map((example) =>
      (typeof example === 'string' ? example : example.command).replaceAll('<%= config.bin %>', 'aiv'),
    ),
  }
}

function publicFields(definition: object): Fields {
  return Object.fromEntries(Object.entries(definition).filter(([key]) => PUBLIC_FIELDS.includes(key)))
}
