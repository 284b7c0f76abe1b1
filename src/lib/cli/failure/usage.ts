/** oclif's own complaints (unknown flag, missing argument, bad value) in the project's words. */
import { stripVTControlCharacters } from 'node:util'
import { exitCodeOf } from '../../core/index.ts'
import type { Failure } from './failure.ts'

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
    hint: `Run "${['aiv', command, '--help'].filter(Boolean).join(' ')}" for the usage`,
    exitCode: exitCodeOf('E_USAGE'),
  }
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
