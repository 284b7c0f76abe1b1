/** When a node or client sends, whatever it has to send: independent Poisson processes, one for each kind of packet. */
import { AivError, type RandomSource } from '../../core/index.ts'
import { sampleExponential } from '../delay/exponential.ts'
import { MAX_LAG_US } from './constants.ts'

export interface EmissionProcess<Kind extends string> {
  readonly kind: Kind
  /** Mean time between two of the kind, microseconds; 0 for never. */
  readonly meanUs: number
}

export interface EmissionScheduleOptions<Kind extends string> {
  readonly processes: readonly EmissionProcess<Kind>[]
  readonly random: RandomSource
  /** Monotonic microseconds. */
  readonly startUs: number
}

/**
 * Times follow from chance alone. Each is counted from the time before and not from when it was acted on, so that a slow caller
 * changes no rate.
 */
export class EmissionSchedule<Kind extends string> {
  readonly #processes: readonly EmissionProcess<Kind>[]
  readonly #random: RandomSource
  readonly #due: Float64Array

  constructor({ processes, random, startUs }: EmissionScheduleOptions<Kind>) {
    if (processes.some(({ meanUs }) => !(meanUs >= 0) || meanUs === Number.POSITIVE_INFINITY))
      throw new AivError('E_USAGE', 'the mean time between packets is a number of microseconds, 0 for never')
    this.#processes = processes
    this.#random = random
    this.#due = Float64Array.from(processes, ({ meanUs }) => this.#after(startUs, meanUs))
  }

  /** When the next packet goes, or Infinity. */
  get nextDueUs(): number {
    return this.#due.reduce((least, due) => Math.min(least, due), Number.POSITIVE_INFINITY)
  }

  /** The kind of the next packet that is due at `nowUs`, earliest first; undefined when none is. */
  take(nowUs: number): Kind | undefined {
    let earliest = -1
    for (let i = 0; i < this.#due.length; i++)
      if (earliest === -1 || this.#dueOf(i) < this.#dueOf(earliest)) earliest = i
    const process = this.#processes[earliest]
    if (process === undefined || !(this.#dueOf(earliest) <= nowUs)) return undefined
    const dueUs = this.#dueOf(earliest)
    // The process has no memory: beginning anew at any time leaves its law as it is.
    this.#due[earliest] = this.#after(nowUs - dueUs > MAX_LAG_US ? nowUs : dueUs, process.meanUs)
    return process.kind
  }

  #dueOf(i: number): number {
    return this.#due[i] as number
  }

  #after(us: number, meanUs: number): number {
    return meanUs === 0 ? Number.POSITIVE_INFINITY : us + sampleExponential(this.#random, meanUs)
  }
}
