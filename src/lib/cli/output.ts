/**
 * Everything a command prints. Data and answers go to stdout; logs, hints and, where stdout carries data, events
 * and JSON go to stderr. Byte strings become lower-case hex.
 */
import type { Writable } from 'node:stream'
import { type Clock, systemClock, toHex } from '../core/index.ts'

/** Version of the JSON output: within it fields are added, never renamed or removed. */
export const JSON_VERSION = 1

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface OutputOptions {
  /** JSON instead of text for people. */
  readonly json: boolean
  /** True when stdout carries the user's bytes: then nothing else may go there. */
  readonly dataOnStdout: boolean
  readonly stdout?: Pick<Writable, 'write'>
  readonly stderr?: Pick<Writable, 'write'>
  readonly clock?: Clock
}

export type Fields = Readonly<Record<string, unknown>>

export class Output {
  readonly isJson: boolean
  readonly #out: Pick<Writable, 'write'>
  readonly #err: Pick<Writable, 'write'>
  readonly #clock: Clock

  constructor(options: OutputOptions) {
    this.isJson = options.json
    this.#err = options.stderr ?? process.stderr
    this.#out = options.dataOnStdout ? this.#err : (options.stdout ?? process.stdout)
    this.#clock = options.clock ?? systemClock
  }

  /** One JSON document on one line, with `"v":1` first. */
  json(document: Fields): void {
    this.#out.write(`${encodeJson({ v: JSON_VERSION, ...document })}\n`)
  }

  /** An array on one line, each element with `"v":1` first. */
  jsonArray(documents: readonly object[]): void {
    this.#out.write(`${encodeJson(documents.map((document) => ({ v: JSON_VERSION, ...document })))}\n`)
  }

  /** A line for people; nothing with `--json`. */
  text(line: string): void {
    if (!this.isJson) this.#out.write(`${printableLines(line)}\n`)
  }

  /** The answer of a command that answers once: the document with `--json`, else the text. */
  answer(document: Fields, text: string | (() => string)): void {
    if (this.isJson) this.json(document)
    else this.text(typeof text === 'string' ? text : text())
  }

  /** A hint or remark for people, on stderr; nothing with `--json`. */
  note(line: string): void {
    if (!this.isJson) this.#err.write(`${printable(line)}\n`)
  }

  /**
   * One event of a command that runs on: with `--json` a line `{"v":1,"event","time",…fields}`, else text on
   * stderr.
   * @param text what people read; default: the name and the fields as `key=value`
   */
  event(name: string, fields: Fields = {}, text?: string): void {
    if (this.isJson) this.json({ event: name, time: this.#time(), ...fields })
    else this.#err.write(`${printable(text ?? plainEvent(name, fields))}\n`)
  }

  /** One log line on stderr. The caller has already checked the level. */
  log(level: LogLevel, message: string, fields: Fields = {}): void {
    const line = this.isJson
      ? encodeJson({ v: JSON_VERSION, log: level, time: this.#time(), message, ...fields })
      : printable(`${level}: ${plainEvent(message, fields)}`)
    this.#err.write(`${line}\n`)
  }

  #time(): string {
    return new Date(this.#clock.wallMs()).toISOString()
  }
}

/**
 * JSON text of a value; bytes as hex, `bigint` as a number where it is exact and as decimal text where not. What could
 * act on a terminal is escaped.
 */
export function encodeJson(value: unknown): string {
  const json = JSON.stringify(
    value,
    function (this: Record<string, unknown>, key: string, replaced: unknown) {
      // `Buffer.toJSON` has already run on `replaced`; the holder still has the bytes.
      const original = this[key]
      if (original instanceof Uint8Array) return toHex(original)
      if (typeof original === 'bigint') {
        const number = Number(original)
        return Number.isSafeInteger(number) ? number : original.toString()
      }
      return replaced
    },
  )
  // Such characters stand within strings only.
  return json.replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** Control characters, and those that turn the direction of text: whoever names them could rewrite the screen. */
const UNPRINTABLE = /[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Text for one line of a terminal; parts of it may be a peer's words. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd')
}

/** The same for an answer of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

function plainEvent(name: string, fields: Fields): string {
  let line = name
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue
    line += ` ${key}=${typeof value === 'string' ? value : encodeJson(value)}`
  }
  return line
}
