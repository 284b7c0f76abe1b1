/** oclif's own complaints (unknown flag, missing argument, bad value) in the project's words. */
import { stripVTControlCharacters } from 'node:util'
import { exitCodeOf } from '../../core/index.ts'
import type { Failure } from './failure.ts'
import { nearestWord } from './nearest-word.ts'

interface NamedArgument {
  readonly name: string
  readonly description?: string
}

/** @returns undefined when the error is not about usage (a command module that does not load) */
export function usageFailure(error: Error, command: string): Failure | undefined {
  if (error.constructor.name === 'ModuleLoadError') return undefined
  return {
    code: 'E_USAGE',
    message: usageMessage(error),
    hint: usageHint(error, command),
    exitCode: exitCodeOf('E_USAGE'),
  }
}

function usageHint(error: Error, command: string): string {
  const help = `Run "${['aiv', command, '--help'].filter(Boolean).join(' ')}" for the usage`
  const [flag] = listOf(error, 'flags')
  if (flag === undefined) return help
  const nearest = nearestWord(flag.replace(/=.*/s, ''), knownFlags(error))
  return nearest === undefined ? help : `Did you mean ${nearest}? ${help}`
}

/** oclif hands the whole input of the parser along with its error. */
function knownFlags(error: Error): string[] {
  const parse = 'parse' in error ? (error.parse as { readonly input?: { readonly flags?: object } }) : {}
  return Object.keys(parse.input?.flags ?? {}).map((name) => `--${name}`)
}

function usageMessage(error: Error): string {
  switch (error.constructor.name) {
    case 'RequiredArgsError': {
      const names = argumentsOf(error).map((argument) => argument.name.toUpperCase())
      return `missing argument ${names.join(', ')}`
    }
    case 'UnexpectedArgsError':
      return `unexpected argument ${listOf(error, 'args').join(', ')}`
    case 'NonExistentFlagsError':
      return `unknown flag ${listOf(error, 'flags').join(', ')}`
    default:
      return condense(error.message)
  }
}

function argumentsOf(error: Error): readonly NamedArgument[] {
  return 'args' in error && Array.isArray(error.args) ? (error.args as NamedArgument[]) : []
}

function listOf(error: Error, key: 'args' | 'flags'): readonly string[] {
  const value: unknown = Reflect.get(error, key)
  return Array.isArray(value) ? value.map(String) : []
}

/** oclif spreads a message over lines and repeats where to find help; one line is enough. */
export function condense(message: string): string {
  return stripVTControlCharacters(message)
    .replace(/\s*See more help with --help\s*$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/^Parsing (--\S+)\s+/, '$1: ')
    .replaceAll(/\s*\n\s*/g, '; ')
    .trim()
}
