/** What every command of the project shares: output, events, logs, interruption and the form of errors. */

import type { Interfaces } from '@oclif/core'
import { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { hasFlag, reportFailure, wantsDebug, wantsJson } from './failure/report.ts'
import { processInterrupt } from './interrupt.ts'
import { Logger } from './logger.ts'
import { type Fields, LOG_LEVELS, type LogLevel, Output } from './output.ts'
import { settingFlag } from './settings/settings.ts'

export abstract class AivCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({ summary: 'print JSON instead of text', helpGroup: 'GLOBAL' }),
    debug: Flags.boolean({ summary: 'print the stack of an error', env: 'AIV_DEBUG', helpGroup: 'GLOBAL' }),
    'log-level': settingFlag('log-level', { helpGroup: 'GLOBAL' }),
  }

  /**
   * True when stdout carries the user's bytes, so that events, JSON and errors go to stderr; or the flags, such
   * as `--stdio`, that make it so; or what decides it from the words of the command line.
   */
  static dataOnStdout: boolean | readonly string[] | ((argv: readonly string[]) => boolean) = false

  #out: Output | undefined
  #logger: Logger | undefined

  /** Aborted by the first SIGINT or SIGTERM: stop taking new work, finish what is in flight, return. */
  protected get signal(): AbortSignal {
    return processInterrupt.signal
  }

  protected get out(): Output {
    this.#out ??= new Output({ json: wantsJson(this.argv), dataOnStdout: this.#dataOnStdout() })
    return this.#out
  }

  /** Levelled logs on stderr, as `--log-level` says. */
  protected get logger(): Logger {
    this.#logger ??= new Logger(this.out, 'info')
    return this.#logger
  }

  /** One event of a command that runs on; see {@link Output.event}. */
  protected event(name: string, fields?: Fields, text?: string): void {
    this.out.event(name, fields, text)
  }

  protected override async parse<
    F extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    B extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    A extends Interfaces.OutputArgs<Interfaces.ArgInput>,
  >(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    const input = options ?? (this.ctor as unknown as Interfaces.Input<F, B, A>)
    disarm(input)
    const parsed = await super.parse(input, argv)
    const level: unknown = Reflect.get(parsed.flags, 'log-level')
    if (isLogLevel(level)) this.#logger = new Logger(this.out, level)
    return parsed
  }

  protected override async catch(error: Error): Promise<void> {
    process.exitCode = reportFailure(error, {
      json: this.out.isJson,
      dataOnStdout: this.#dataOnStdout(),
      debug: wantsDebug(this.argv),
      command: (this.id ?? '').replaceAll(':', ' '),
    })
  }

  #dataOnStdout(): boolean {
    const { dataOnStdout } = this.constructor as typeof AivCommand
    if (typeof dataOnStdout === 'boolean') return dataOnStdout
    if (typeof dataOnStdout === 'function') return dataOnStdout(this.argv)
    return dataOnStdout.some((flag) => hasFlag(this.argv, flag))
  }
}

/**
 * Turns off three habits of the parser: a missing argument is not read from stdin, which carries the user's data; a
 * flag that may be repeated does not swallow the arguments that follow it; and a boolean flag that was not given is
 * false, as its type says, and not undefined.
 */
function disarm(input: {
  readonly args?: Interfaces.ArgInput
  readonly flags?: Interfaces.FlagInput
  readonly baseFlags?: Interfaces.FlagInput
}): void {
  for (const argument of Object.values(input.args ?? {})) argument.ignoreStdin = true
  for (const flag of Object.values({ ...input.baseFlags, ...input.flags })) {
    if (flag.type === 'boolean') flag.default ??= false
    else if (flag.multiple) flag.multipleNonGreedy = true
  }
}

function isLogLevel(value: unknown): value is LogLevel {
  return LOG_LEVELS.includes(value as LogLevel)
}
