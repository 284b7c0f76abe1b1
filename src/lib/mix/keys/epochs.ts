/** Which epochs matter at a moment. */
import { epochAt } from '../directory/index.ts'

export interface EpochSchedule {
  readonly epochLengthS: number
  /** How long a key is accepted before its epoch begins and after it ends, milliseconds. */
  readonly overlapMs: number
}

export interface EpochWindow {
  readonly current: number
  /** First and last epoch whose packets are accepted: of three at most, when the overlap is no longer than half an epoch. */
  readonly first: number
  readonly last: number
}

export function epochWindow(wallMs: number, { epochLengthS, overlapMs }: EpochSchedule): EpochWindow {
  const at = (ms: number): number => Math.max(0, epochAt(ms / 1000, epochLengthS))
  return { current: at(wallMs), first: at(wallMs - overlapMs), last: at(wallMs + overlapMs) }
}

/** Milliseconds until the window changes. */
export function untilNextWindow(wallMs: number, { epochLengthS, overlapMs }: EpochSchedule): number {
  const lengthMs = epochLengthS * 1000
  const leftAt = (ms: number): number => lengthMs - (((ms % lengthMs) + lengthMs) % lengthMs)
  return Math.min(leftAt(wallMs), leftAt(wallMs - overlapMs), leftAt(wallMs + overlapMs))
}
