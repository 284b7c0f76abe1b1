/** What a sender keeps of a loop of its own, so that it can check the mixes after the epoch: one JSON object a line. */
import { AivError, fromHex, fromUtf8, toHex } from '../../../core/index.ts'

const HEX_32 = /^[0-9a-f]{64}$/i

/** More hops do not fit into any packet. */
const MOST_HOPS = 32

/** A loop that takes a day is none. */
const MOST_US = 86_400_000_000
const MOST_COMMAND_MS = 0xffff_ffff

/** A mix that delayed the loop. */
export interface LoopHop {
  /** Id, 32 bytes. */
  readonly node: Uint8Array
  /** Secret of the packet at this mix, 32 bytes: whoever knows it finds the packet's line in what the mix reveals. */
  readonly tau: Uint8Array
  /** The packet's `delay` command for this mix; 0 for none. */
  readonly commandMs: number
}

export interface LoopSample {
  readonly hops: readonly LoopHop[]
  /** From sending to coming back, microseconds; undefined for a loop that did not come back. */
  readonly observedUs?: number
  /** How much of that its links are known to take. */
  readonly linksUs: number
}

/** One line for a file of loops. */
export function formatLoop({ hops, observedUs, linksUs }: LoopSample): string {
  return JSON.stringify({
    hops: hops.map(({ node, tau, commandMs }) => ({
      node: toHex(node),
      tau: toHex(tau),
      command_ms: commandMs,
    })),
    ...(observedUs === undefined ? {} : { observed_us: observedUs }),
    links_us: linksUs,
  })
}

/**
 * Parses a file of loops; empty lines are allowed.
 * @throws AivError `E_MALFORMED`, naming the line, also for a loop that is there twice
 */
export function parseLoops(bytes: Uint8Array): LoopSample[] {
  const seen = new Set<string>()
  return fromUtf8(bytes)
    .split('\n')
    .flatMap((line, i) => {
      if (line.trim() === '') return []
      const loop = loopOf(line)
      const taus = loop?.hops.map(({ tau }) => toHex(tau)) ?? []
      if (loop === undefined || taus.some((tau) => seen.has(tau)) || new Set(taus).size < taus.length)
        throw new AivError('E_MALFORMED', `line ${i + 1} is no loop, or one that is there twice`, {
          hint: 'A loop has "hops" with "node" and "tau" (64 hexadecimal digits each), "observed_us" and "links_us".',
        })
      for (const tau of taus) seen.add(tau)
      return [loop]
    })
}

function loopOf(line: string): LoopSample | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  const fields = fieldsOf(value)
  const hops = fields?.get('hops')
  const observedUs = fields?.get('observed_us')
  const linksUs = fields?.get('links_us') ?? 0
  if (!Array.isArray(hops) || hops.length === 0 || hops.length > MOST_HOPS) return undefined
  if (!isWithin(linksUs, MOST_US)) return undefined
  if (observedUs !== undefined && !isWithin(observedUs, MOST_US)) return undefined
  const parsed = hops.map(hopOf).filter((hop) => hop !== undefined)
  if (parsed.length < hops.length) return undefined
  return { hops: parsed, linksUs, ...(observedUs === undefined ? {} : { observedUs }) }
}

function hopOf(value: unknown): LoopHop | undefined {
  const fields = fieldsOf(value)
  const [node, tau] = [fields?.get('node'), fields?.get('tau')]
  const commandMs = fields?.get('command_ms') ?? 0
  if (typeof node !== 'string' || typeof tau !== 'string') return undefined
  if (!HEX_32.test(node) || !HEX_32.test(tau) || !isWithin(commandMs, MOST_COMMAND_MS)) return undefined
  return { node: fromHex(node), tau: fromHex(tau), commandMs }
}

function fieldsOf(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return new Map(Object.entries(value))
}

function isWithin(value: unknown, most: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= most
}
