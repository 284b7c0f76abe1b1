/** What a peer may cost us per second (section 14). Each method throws ENHANCE_CALM when its budget is used up. */
import { type Clock, TokenBucket } from '../../core/index.ts'
import { CODE, ProtocolViolation } from '../codes.ts'
import { ABUSE_BUDGET, CONTROL_BUDGET, CONTROL_BUDGET_DATA_BYTES, KEY_UPDATE_BUDGET } from '../constants.ts'

export class AbuseBudget {
  readonly #control: TokenBucket
  readonly #streams: TokenBucket
  readonly #keyUpdates: TokenBucket

  constructor(clock: Clock) {
    this.#control = new TokenBucket(clock, CONTROL_BUDGET)
    this.#streams = new TokenBucket(clock, ABUSE_BUDGET)
    this.#keyUpdates = new TokenBucket(clock, KEY_UPDATE_BUDGET)
  }

  /** Data that moved in either direction earns control frames: each window costs updates to keep open. */
  dataMoved(bytes: number): void {
    this.#control.give(bytes / CONTROL_BUDGET_DATA_BYTES)
  }

  controlFrame(): void {
    if (!this.#control.take()) throw new ProtocolViolation(CODE.ENHANCE_CALM, 'too many control frames')
  }

  refusedOrQuicklyReset(): void {
    if (!this.#streams.take())
      throw new ProtocolViolation(CODE.ENHANCE_CALM, 'too many refused or reset streams')
  }

  keyUpdate(): void {
    if (!this.#keyUpdates.take()) throw new ProtocolViolation(CODE.ENHANCE_CALM, 'too many key updates')
  }
}
