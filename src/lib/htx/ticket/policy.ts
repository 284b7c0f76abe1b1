/** The carrier policy of a grant (section 9.1): which carriers a client draws from, and how much padding it adds. */
import { AivError, type RandomSource, uniformReal } from '../../core/index.ts'

const CARRIERS = ['cookie', 'query', 'body'] as const

/** Where a ticket travels on htx+https. */
export type TicketCarrier = (typeof CARRIERS)[number]

export type TicketVersion = 1 | 2

export interface CarrierWeight {
  readonly carrier: TicketCarrier
  /** 0..1. */
  readonly probability: number
}

export interface TicketPolicy {
  readonly version: TicketVersion
  readonly carriers: readonly CarrierWeight[]
}

export const DEFAULT_POLICY_TEXT = 'BN-Ticket: v1; carriers=cookie:0.5,query:0.3,body:0.2; len=24..64'

const FORM = /^BN-Ticket: v(1|2); carriers=([a-z0-9:.,]{1,128}); len=24\.\.64$/
const WEIGHT = /^([a-z]+):((?:0|1)(?:\.[0-9]{1,9})?)$/
const BILLION = 1e9
/** 1e-6, in billionths. */
const SUM_TOLERANCE = 1000

/**
 * Parses the text exactly: a policy that we only half understand would give our clients habits of their own.
 * @throws AivError `E_MALFORMED`
 */
export function parsePolicy(text: string): TicketPolicy {
  const [, version, list] = FORM.exec(text) ?? []
  if (version === undefined || list === undefined) throw unusable('it is not of the form that 1.1 gives')
  const carriers = list.split(',').map(parseWeight)
  if (new Set(carriers.map(({ carrier }) => carrier)).size !== carriers.length)
    throw unusable('it names a carrier twice')
  // In whole billionths, or rounding would decide about sums at the edge of the tolerance.
  const sum = carriers.reduce((total, { probability }) => total + Math.round(probability * BILLION), 0)
  if (Math.abs(sum - BILLION) > SUM_TOLERANCE) throw unusable(`its probabilities sum to ${sum / BILLION}`)
  return { version: version === '2' ? 2 : 1, carriers }
}

/** The text of a policy that announces another version; its carriers stay to the letter. */
export function withTicketVersion(policyText: string, version: TicketVersion): string {
  return policyText.replace(/v[12]/, `v${version}`)
}

/** Draws the carrier of one attempt by the policy's probabilities. */
export function drawCarrier({ carriers }: TicketPolicy, random: RandomSource): TicketCarrier {
  const sum = carriers.reduce((total, { probability }) => total + probability, 0)
  let left = uniformReal(random, 0, sum)
  for (const { carrier, probability } of carriers) {
    if (left < probability) return carrier
    left -= probability
  }
  // Rounding may leave a last sliver of the sum to nobody.
  return (carriers.findLast(({ probability }) => probability > 0) as CarrierWeight).carrier
}

function parseWeight(text: string): CarrierWeight {
  const [, name, probability] = WEIGHT.exec(text) ?? []
  const carrier = CARRIERS.find((known) => known === name)
  if (carrier === undefined) throw unusable('it names a carrier that is unknown')
  return { carrier, probability: Number(probability) }
}

function unusable(why: string): AivError {
  return new AivError('E_MALFORMED', `the carrier policy is unusable: ${why}`)
}
