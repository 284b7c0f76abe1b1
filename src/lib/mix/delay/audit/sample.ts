/** What a sender keeps of a packet of its own, so that it can check the mix after the epoch: one JSON object a line. */
import { AivError, fromHex, fromUtf8, toHex } from '../../../core/index.ts'

const TAU = /^[0-9a-f]{64}$/i

/** 2^53-1 microseconds are 285 years; a loop that takes a day is none. */
const MOST_US = 86_400_000_000
const MOST_COMMAND_MS = 0xffff_ffff

/** Of one packet through the audited mix. */
export interface DelaySample {
  /** Of the packet at this mix, 32 bytes. A secret until the audit is over. */
  readonly tau: Uint8Array
  /** The packet's `delay` command for this mix. */
  readonly commandMs: number
  /** From sending to coming back, microseconds; undefined for a packet that did not come back. */
  readonly observedUs?: number
  /** How much of that is known to be spent elsewhere: on links, and held by the other mixes. */
  readonly elsewhereUs: number
}

/** One line for a file of samples. */
export function formatSample(sample: DelaySample): string {
  return JSON.stringify({
    tau: toHex(sample.tau),
    command_ms: sample.commandMs,
    ...(sample.observedUs === undefined ? {} : { observed_us: sample.observedUs }),
    elsewhere_us: sample.elsewhereUs,
  })
}

/**
 * Parses a file of samples; empty lines are allowed.
 * @throws AivError `E_MALFORMED`, naming the line, also for a packet that is there twice
 */
export function parseSamples(bytes: Uint8Array): DelaySample[] {
  const seen = new Set<string>()
  return fromUtf8(bytes)
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '') return []
      const sample = sampleOf(line)
      const id = sample && toHex(sample.tau)
      if (sample === undefined || id === undefined || seen.has(id))
        throw new AivError('E_MALFORMED', `line ${i + 1} of the samples is none, or there twice`, {
          hint: 'A line has "tau" (64 hex digits) and may have "command_ms", "observed_us" and "elsewhere_us".',
        })
      seen.add(id)
      return [sample]
    })
}

function sampleOf(line: string): DelaySample | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const fields = new Map<string, unknown>(Object.entries(value))
  const tau = fields.get('tau')
  const commandMs = fields.get('command_ms') ?? 0
  const elsewhereUs = fields.get('elsewhere_us') ?? 0
  const observedUs = fields.get('observed_us')
  if (typeof tau !== 'string' || !TAU.test(tau)) return undefined
  if (!isWithin(commandMs, MOST_COMMAND_MS) || !isWithin(elsewhereUs, MOST_US)) return undefined
  if (observedUs !== undefined && !isWithin(observedUs, MOST_US)) return undefined
  return {
    tau: fromHex(tau),
    commandMs,
    elsewhereUs,
    ...(observedUs === undefined ? {} : { observedUs }),
  }
}

function isWithin(value: unknown, most: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= most
}
