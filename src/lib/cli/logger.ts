/** Levelled logs on stderr. Callers put no plaintext, key, ticket or replay tag in the fields. */
import { type Fields, LOG_LEVELS, type LogLevel, type Output } from './output.ts'

export class Logger {
  readonly #output: Output
  readonly #limit: number

  constructor(output: Output, level: LogLevel) {
    this.#output = output
    this.#limit = LOG_LEVELS.indexOf(level)
  }

  error(message: string, fields?: Fields): void {
    this.#write('error', message, fields)
  }

  warn(message: string, fields?: Fields): void {
    this.#write('warn', message, fields)
  }

  info(message: string, fields?: Fields): void {
    this.#write('info', message, fields)
  }

  debug(message: string, fields?: Fields): void {
    this.#write('debug', message, fields)
  }

  #write(level: LogLevel, message: string, fields?: Fields): void {
    if (LOG_LEVELS.indexOf(level) <= this.#limit) this.#output.log(level, message, fields)
  }
}
