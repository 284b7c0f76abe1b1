/** Passphrases: a file, `AIV_PASSPHRASE`, or a question on the terminal without echo. Never a flag's value. */
import { closeSync, openSync } from 'node:fs'
import { ReadStream } from 'node:tty'
import * as Flags from '@oclif/core/flags'
import { AivError, equal, utf8 } from '../../core/index.ts'
import type { Environment } from '../state-folders.ts'
import { readInput } from './input.ts'

/** A passphrase is a line; more is the wrong file. */
const MAX_PASSPHRASE_BYTES = 4096

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
const CTRL_C = 0x03
const CTRL_D = 0x04
const CTRL_U = 0x15
const BACKSPACE = 0x08
const DELETE = 0x7f

/** For a command's `static flags`. */
export const passphraseFlags = {
  'passphrase-file': Flags.file({
    summary: 'file whose first line is the passphrase (else AIV_PASSPHRASE, else a prompt)',
  }),
}

/** A terminal to ask on. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { setRawMode(mode: boolean): unknown }
  readonly output: { write(text: string): unknown }
  close(): void
}

export interface PassphraseOptions {
  /** Value of `--passphrase-file`. */
  readonly file?: string | undefined
  /** The question, such as `Passphrase for alice.key`; without it nobody is asked. */
  readonly prompt?: string
  /** Ask twice and insist on the same answer: for a new passphrase. */
  readonly confirm?: boolean
  readonly env?: Environment
  readonly signal?: AbortSignal
  /** Default: the controlling terminal; undefined when there is none. */
  readonly openTerminal?: () => Terminal | undefined
}

/**
 * The passphrase as UTF-8, or undefined when no source has one. The caller overwrites it after use.
 * @throws AivError `E_INPUT` on an unreadable or empty file, `E_USAGE` when two answers differ, `E_ABORTED` on ^C
 */
export async function readPassphrase(options: PassphraseOptions): Promise<Uint8Array | undefined> {
  if (options.file !== undefined) return readPassphraseFile(options.file)
  const variable = (options.env ?? process.env).AIV_PASSPHRASE
  if (variable !== undefined && variable !== '') return utf8(variable)
  if (options.prompt === undefined) return undefined
  const terminal = (options.openTerminal ?? openTerminal)()
  if (terminal === undefined) return undefined
  try {
    const answer = await ask(terminal, options.prompt, options.signal)
    if (options.confirm !== true) return answer
    const again = await ask(terminal, `${options.prompt} (again)`, options.signal)
    if (!equal(answer, again)) throw new AivError('E_USAGE', 'the two passphrases differ')
    again.fill(0)
    return answer
  } finally {
    terminal.close()
  }
}

async function readPassphraseFile(path: string): Promise<Uint8Array> {
  const bytes = await readInput(path, { maxBytes: MAX_PASSPHRASE_BYTES })
  let end = bytes.indexOf(NEWLINE)
  if (end === -1) end = bytes.length
  if (bytes[end - 1] === CARRIAGE_RETURN) end--
  if (end === 0) throw new AivError('E_INPUT', `the first line of ${path} is empty`)
  return bytes.slice(0, end)
}

/** The controlling terminal, also when stdin and stdout are pipes. */
function openTerminal(): Terminal | undefined {
  const output = process.stderr
  if (process.stdin.isTTY) {
    const input = process.stdin
    return { input, output, close: () => void input.pause().unref() }
  }
  let descriptor: number
  try {
    descriptor = openSync('/dev/tty', 'r+')
  } catch {
    return undefined
  }
  try {
    const input = new ReadStream(descriptor)
    return { input, output, close: () => void input.destroy() }
  } catch {
    closeSync(descriptor)
    return undefined
  }
}

async function ask(terminal: Terminal, prompt: string, signal?: AbortSignal): Promise<Uint8Array> {
  const { input, output } = terminal
  // First the echo goes, then the question comes: who answers at once must not be shown.
  input.setRawMode(true)
  try {
    output.write(`${prompt}: `)
    return await readLine(input, signal)
  } finally {
    input.setRawMode(false)
    output.write('\n')
  }
}

function readLine(input: NodeJS.ReadableStream, signal?: AbortSignal): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
  const line = new Uint8Array(MAX_PASSPHRASE_BYTES)
  let length = 0
  // Listening ends with the line, not a turn later: pasted lines come together, and the rest is the next answer.
  const stop = (rest?: Uint8Array): void => {
    input.off('data', onData).off('end', onEnd)
    input.pause()
    if (rest !== undefined && rest.length > 0) input.unshift(rest)
    signal?.removeEventListener('abort', interrupted)
  }
  const finish = (rest?: Uint8Array): void => {
    stop(rest)
    resolve(line.slice(0, length))
    line.fill(0)
  }
  const interrupted = (): void => {
    stop()
    line.fill(0)
    reject(new AivError('E_ABORTED', 'interrupted'))
  }
  const onEnd = (): void => finish()
  const onData = (data: Uint8Array | string): void => {
    const bytes = typeof data === 'string' ? utf8(data) : data
    for (const [i, byte] of bytes.entries()) {
      if (byte === NEWLINE || byte === CARRIAGE_RETURN || byte === CTRL_D) {
        finish(bytes.slice(i + 1))
        return
      }
      // In raw mode the terminal makes no signal of it.
      if (byte === CTRL_C) {
        interrupted()
        return
      }
      if (byte === CTRL_U) length = 0
      else if (byte === BACKSPACE || byte === DELETE) length = previousCharacter(line, length)
      else if (length < line.length) line[length++] = byte
    }
  }
  input.on('data', onData).on('end', onEnd)
  signal?.addEventListener('abort', interrupted, { once: true })
  input.resume()
  return promise
}

/** Offset where the last UTF-8 character before `end` starts. */
function previousCharacter(line: Uint8Array, end: number): number {
  let at = end
  while (at > 0 && ((line[--at] as number) & 0xc0) === 0x80);
  return Math.max(0, at)
}
