/** Turns anything that was thrown into the one form in which people and scripts see a failure. */
import { stripVTControlCharacters } from 'node:util'
import { AivError, exitCodeOf } from '../../core/index.ts'
import { EXIT_INTERRUPTED } from '../interrupt.ts'
import { encodeJson, JSON_VERSION, printable, printableLines } from '../output.ts'
import { condense, usageFailure } from './usage.ts'

export interface Failure {
  /** A key of `ERROR_CODES`. */
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly exitCode: number
}

/** Where the environment said no, by the code of Node's own errors. */
const SYSTEM_ERRORS: Readonly<
  Record<string, 'E_NOT_FOUND' | 'E_PERMISSION' | 'E_ADDRESS_IN_USE' | 'E_IO' | 'E_UNREACHABLE' | 'E_TIMEOUT'>
> = {
  ENOENT: 'E_NOT_FOUND',
  ENOTDIR: 'E_NOT_FOUND',
  EACCES: 'E_PERMISSION',
  EPERM: 'E_PERMISSION',
  EADDRINUSE: 'E_ADDRESS_IN_USE',
  EADDRNOTAVAIL: 'E_ADDRESS_IN_USE',
  ENOSPC: 'E_IO',
  EDQUOT: 'E_IO',
  EFBIG: 'E_IO',
  EROFS: 'E_IO',
  EIO: 'E_IO',
  EISDIR: 'E_IO',
  EMFILE: 'E_IO',
  ENFILE: 'E_IO',
  EPIPE: 'E_IO',
  ECONNREFUSED: 'E_UNREACHABLE',
  ECONNRESET: 'E_UNREACHABLE',
  EHOSTUNREACH: 'E_UNREACHABLE',
  ENETUNREACH: 'E_UNREACHABLE',
  ENOTFOUND: 'E_UNREACHABLE',
  EAI_AGAIN: 'E_UNREACHABLE',
  ETIMEDOUT: 'E_TIMEOUT',
}

/**
 * @param command the words after `aiv`, for the hint, such as `htx connect`
 * @returns undefined when the error only carries an exit code (`this.exit(n)`, `--help`)
 */
export function failureOf(error: unknown, command = ''): Failure | undefined {
  if (error instanceof AivError) return fromAivError(error)
  if (!(error instanceof Error)) return internalFailure(String(error))
  if (error.name === 'AbortError') return fromAivError(new AivError('E_ABORTED', 'interrupted'))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === 'EEXIT') return undefined
  if ('oclif' in error || isFlagRefused(error))
    return usageFailure(error, command) ?? internalFailure(firstLine(error.message))
  const known = SYSTEM_ERRORS[code]
  if (known !== undefined)
    return { code: known, message: error.message, hint: undefined, exitCode: exitCodeOf(known) }
  return internalFailure(error.message)
}

/** A file or folder of a flag that is not there: oclif throws a plain error, in which its parser names the flag. */
function isFlagRefused({ message }: Error): boolean {
  return /^Parsing --\S+\s[\s\S]*See more help with --help\s*$/.test(stripVTControlCharacters(message))
}

/** `error: WHAT. WHY. What to do next.` */
export function failureText(failure: Failure): string {
  const hint = failure.hint === undefined ? '' : ` ${sentence(failure.hint)}`
  return printable(`error: ${sentence(failure.message)}${hint}`)
}

/** `{"v":1,"error":{"code","message","hint"}}` */
export function failureJson(failure: Failure): string {
  const { code, message, hint } = failure
  return encodeJson({ v: JSON_VERSION, error: { code, message, hint } })
}

/** The stack and those of its causes, for `--debug`. */
export function stackText(error: unknown): string {
  const lines: string[] = []
  for (let at = error, depth = 0; at !== undefined && depth < 8; depth++) {
    lines.push(at instanceof Error ? (at.stack ?? at.message) : String(at))
    at = at instanceof Error ? at.cause : undefined
  }
  return printableLines(lines.join('\ncaused by: '))
}

function fromAivError(error: AivError): Failure {
  return {
    code: error.code,
    // A flag's own parser may have thrown it: oclif then wrote its frame around the message.
    message: condense(error.message),
    hint: error.hint,
    exitCode: error.code === 'E_ABORTED' ? EXIT_INTERRUPTED : error.exitCode,
  }
}

function internalFailure(message: string): Failure {
  return {
    code: 'E_INTERNAL',
    message: `internal error: ${message}`,
    hint: 'This is a defect of aiv; run it again with --debug and report what it prints',
    exitCode: exitCodeOf('E_INTERNAL'),
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
