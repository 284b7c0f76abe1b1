/** Replays first client payloads with the five exemption rules evaluated. */
import { judgeFirstFlight } from '../decode/first-flight.ts'
import { bytes, expectEqual, type Vector } from './fields.ts'

const RULES = ['ex1', 'ex2', 'ex3', 'ex4', 'ex5', 'exempt'] as const
/** The vectors give four decimals. */
const DECIMALS = 4

/** @throws Error naming the rule that is judged otherwise */
export function replayFirstFlight(vector: Vector): void {
  const flight = judgeFirstFlight(bytes(vector, 'payload'))
  expectEqual('bits_per_byte', Number(flight.bitsPerByte.toFixed(DECIMALS)), vector.bits_per_byte)
  for (const rule of RULES) expectEqual(rule, flight[rule], vector[rule])
}
