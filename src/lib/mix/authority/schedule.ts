/**
 * When the authorities do what. The directory of an epoch is made in the epoch before it, in eight equal parts, so that all
 * that depends on clocks is the start of an epoch.
 */

/** Steps of a round in their order; each begins with what an authority sends. */
export const PHASES = ['collect', 'vote', 'ack', 'reveal', 'shares', 'proofs', 'sign'] as const
export type Phase = (typeof PHASES)[number]

/** Eighths of the epoch before at which the phases begin. */
const BEGINS_AT: Readonly<Record<Phase, number>> = {
  collect: 0,
  vote: 2,
  ack: 3,
  reveal: 4,
  shares: 5,
  proofs: 6,
  sign: 7,
}

/** Unix seconds at which a phase of the round for `epoch` begins. */
export function phaseStart(phase: Phase, epoch: number, epochLengthS: number): number {
  return (epoch - 1) * epochLengthS + (BEGINS_AT[phase] * epochLengthS) / 8
}

/** Whether `phase` comes before `other`. */
export function isBefore(phase: Phase, other: Phase): boolean {
  return PHASES.indexOf(phase) < PHASES.indexOf(other)
}
