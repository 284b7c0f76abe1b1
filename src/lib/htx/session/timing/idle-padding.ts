/**
 * When a session that has fallen silent sends a PADDING record, and how long that is (section 10.4). Only DATA, in either
 * direction, breaks the silence: if padding did, two sides would keep each other awake for ever.
 */
import { type Clock, type RandomSource, uniformInt, uniformReal } from '../../../core/index.ts'
import { PADDING_MOST, PADDING_QUIET_MS, PADDING_SPELL_MS } from '../../constants.ts'

export interface IdlePaddingOptions {
  readonly random: RandomSource
  readonly clock: Clock
}

export class IdlePadding {
  readonly #options: IdlePaddingOptions
  /** When DATA moved last. */
  #quietSince: number
  /** When the next record is due; undefined until the silence has lasted as long as the shortest wait. */
  #dueAt: number | undefined

  constructor(options: IdlePaddingOptions) {
    this.#options = options
    this.#quietSince = options.clock.now()
  }

  /** DATA was sent or received. */
  dataMoved(): void {
    this.#quietSince = this.#options.clock.now()
    // The wait is drawn anew for each silence. One kept over an interruption would be a long one more often than not.
    this.#dueAt = undefined
  }

  /** Length of the record that is due now, 0..3,072 bytes, once; undefined when none is. */
  takeDue(): number | undefined {
    const { clock, random } = this.#options
    const now = clock.now()
    if (now < this.nextDeadline()) return undefined
    // Drawn here and not when DATA moved: at full speed that would be thousands of draws a second for nothing.
    this.#dueAt ??= this.#quietSince + this.#drawWait()
    if (now < this.nextDeadline()) return undefined
    this.#dueAt = now + this.#drawWait()
    return uniformInt(random, 0, PADDING_MOST)
  }

  /** When `takeDue` is wanted next, monotonic milliseconds; infinity when the silence has been padded long enough. */
  nextDeadline(): number {
    const at = this.#dueAt ?? this.#quietSince + PADDING_QUIET_MS.min
    return at - this.#quietSince > PADDING_SPELL_MS ? Number.POSITIVE_INFINITY : at
  }

  #drawWait(): number {
    return uniformReal(this.#options.random, PADDING_QUIET_MS.min, PADDING_QUIET_MS.max)
  }
}
