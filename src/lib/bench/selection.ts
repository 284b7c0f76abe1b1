/** What to measure, by name. */
import { AivError } from '../core/index.ts'
import type { MeasurementInfo } from './measurement.ts'
import type { Ratio } from './ratio.ts'

/**
 * The measurements with these names. A ratio brings what it is made of.
 * @param only names; all measurements that are not taken by name alone when empty
 * @throws AivError `E_USAGE` for an unknown name
 */
export function selectByName<M extends MeasurementInfo>(
  only: readonly string[],
  measurements: readonly M[],
  ratios: readonly Ratio[] = [],
): readonly M[] {
  const known = new Set([...measurements, ...ratios].map(({ name }) => name))
  const unknown = only.find((name) => !known.has(name))
  if (unknown !== undefined)
    throw new AivError('E_USAGE', `there is no measurement ${unknown}`, {
      hint: `The measurements are ${[...known].join(', ')}`,
    })
  const wanted = new Set(only)
  for (const { name, of, over } of ratios) if (wanted.has(name)) wanted.add(of).add(over)
  return measurements.filter(({ name, onlyByName }) =>
    only.length === 0 ? onlyByName !== true : wanted.has(name),
  )
}
