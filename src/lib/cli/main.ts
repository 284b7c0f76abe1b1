/**
 * The command line from the words after `aiv` to the exit code: finds the command, runs it, prints what failed
 * in one form and leaves only when everything printed has been taken.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AivError } from '../core/index.ts'
import { reportFailure, wantsDebug, wantsJson } from './failure/report.ts'
import { processInterrupt } from './interrupt.ts'
import { Output } from './output.ts'
import { flushOutput, silenceSqliteRemark, watchBrokenPipe, writeFilesWholly } from './process-output.ts'

/** Folder of the package: this file is `dist/lib/cli/main.js` in it. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** Between two moments of a timer that does nothing. */
const ALIVE_MS = 60 * 60_000

/**
 * Runs one command line and ends the process.
 * @param root folder of the package whose commands are run
 */
export async function main(argv: string[], root = ROOT): Promise<never> {
  silenceSqliteRemark()
  writeFilesWholly()
  watchBrokenPipe()
  processInterrupt.install()
  const report = (error: unknown): number =>
    reportFailure(error, { json: wantsJson(argv), dataOnStdout: false, debug: wantsDebug(argv) })
  let isFailing = false
  const onDefect = (error: unknown): void => {
    // Saying that stdout cannot be written may fail for the same reason, and saying that as well.
    if (isFailing) return
    isFailing = true
    const exit = (code: number) => (): never => process.exit(code)
    const code = report(error)
    void flushOutput().then(exit(code), exit(code))
  }
  process.on('uncaughtException', onDefect)
  process.on('unhandledRejection', onDefect)
  stayAlive()
  try {
    await dispatch(argv, root)
  } catch (error) {
    process.exitCode = report(error)
  }
  try {
    await flushOutput()
  } catch (error) {
    // Once is enough: it may be the failure of the command already.
    if (process.exitCode === undefined || process.exitCode === 0) process.exitCode = report(error)
  }
  process.exit(processInterrupt.exitCode ?? process.exitCode ?? 0)
}

/**
 * Timers of the library do not keep a process alive. Without this, a command that does nothing but wait, such as for its
 * next attempt, would be over as if it had succeeded.
 */
function stayAlive(): void {
  setInterval(() => {}, ALIVE_MS)
}

async function dispatch(argv: string[], root: string): Promise<void> {
  if (argv[0] === '--version' || argv[0] === '-V') return printVersion(argv, root)
  const { Config } = await import('@oclif/core/config')
  const { loadHelpClass, normalizeArgv } = await import('@oclif/core/help')
  const config = await Config.load({ root })
  const showHelp = async (words: string[]): Promise<void> => {
    const Help = await loadHelpClass(config)
    await new Help(config, config.pjson.oclif.helpOptions).showHelp(words)
  }
  const helpWords = wordsAfterHelp(argv)
  if (helpWords !== undefined && wantsJson(argv)) {
    const { helpDocument } = await import('./help-document.ts')
    new Output({ json: true, dataOnStdout: false }).json(helpDocument(config.commands, helpWords))
    return
  }
  if (argv.length === 0 || asksForHelp(argv)) return showHelp(argv)
  const [id, rest] = splitCommand(
    normalizeArgv(config, argv),
    (name) => config.findCommand(name) !== undefined,
  )
  await config.runHook('init', { argv: rest, id })
  const command = config.findCommand(id)
  if (command !== undefined) {
    await config.runCommand(id, rest, command)
    return
  }
  if (config.findTopic(id) !== undefined && rest.length === 0) return showHelp([id])
  const { unknownCommand } = await import('./failure/unknown-command.ts')
  // On a terminal the not-found plugin offers to run the nearest command; a script gets an error.
  if (process.stdin.isTTY && process.stderr.isTTY && !wantsJson(argv)) {
    await config.runCommand(id, rest)
    return
  }
  throw unknownCommand(id.split(':'), config.commands)
}

/**
 * The parser takes words after a command without arguments into its name; they are unexpected arguments, and the
 * command says so better.
 */
function splitCommand(
  [id = '', ...rest]: readonly string[],
  isCommand: (id: string) => boolean,
): [string, string[]] {
  const words = id.split(':')
  for (let length = words.length; length > 0; length--) {
    const prefix = words.slice(0, length).join(':')
    if (isCommand(prefix)) return [prefix, [...words.slice(length), ...rest]]
  }
  return [id, rest]
}

/** `--help` or `-h` before `--`. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  return words.includes('--help') || words[0] === '-h'
}

/** The words that help is asked about, as `aiv help WORDS` or `aiv WORDS --help`; undefined when it is not. */
function wordsAfterHelp(argv: readonly string[]): string[] | undefined {
  const words = argv.filter((word) => !word.startsWith('-'))
  if (words[0] === 'help') return words.slice(1)
  return words.length === 0 || asksForHelp(argv) ? words : undefined
}

async function printVersion(argv: readonly string[], root: string): Promise<void> {
  const pjson: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const version: unknown =
    typeof pjson === 'object' && pjson !== null ? Reflect.get(pjson, 'version') : undefined
  if (typeof version !== 'string') throw new AivError('E_IO', 'package.json of aiv is damaged')
  const { arch, platform, version: node } = process
  const line = wantsJson(argv)
    ? JSON.stringify({ v: 1, version, platform, arch, node })
    : `aivillage/${version} ${platform}-${arch} node-${node}`
  process.stdout.write(`${line}\n`)
}
