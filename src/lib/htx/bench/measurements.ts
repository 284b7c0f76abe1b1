/** The measurements of `aiv htx bench`, by name. */
import { type Ratio, selectByName } from '../../bench/index.ts'
import { AivError } from '../../core/index.ts'
import { bulkMeasurement } from './bulk-measurement.ts'
import { STREAMS } from './constants.ts'
import { forwardRoundTrips, socksConnections } from './forward-measurements.ts'
import type { Measurement } from './measurement.ts'
import {
  bulkPings,
  camouflagedSessions,
  handshakes,
  idlePings,
  idleSessions,
  longSession,
  resumptions,
} from './session-measurements.ts'
import { ticketChecks, ticketInserts } from './ticket-measurements.ts'

export const MEASUREMENTS: readonly Measurement[] = [
  bulkMeasurement({ name: 'stream.tcp', link: 'tcp', transport: 'htx.tcp' }),
  bulkMeasurement({ name: 'nodetls.chacha20', link: 'tcp', transport: 'nodetls.chacha20' }),
  bulkMeasurement({ name: 'nodetls.aes128gcm', link: 'tcp', transport: 'nodetls.aes128gcm' }),
  bulkMeasurement({ name: 'streams100.tcp', link: 'tcp', transport: 'htx.tcp', streams: STREAMS }),
  bulkMeasurement({ name: 'continuity.bulk', link: 'tcp', transport: 'continued.tcp' }),
  bulkMeasurement({ name: 'forward.tcp', link: 'tcp', transport: 'forward.tcp' }),
  bulkMeasurement({ name: 'tcp.bare', link: 'tcp', transport: 'tcp.bare' }),
  bulkMeasurement({ name: 'stream.ws', link: 'ws', transport: 'htx.ws' }),
  bulkMeasurement({ name: 'stream.https', link: 'https', transport: 'htx.https' }),
  bulkMeasurement({ name: 'stream.quic', link: 'quic', transport: 'htx.quic' }),
  bulkMeasurement({ name: 'quic.bare', link: 'quic', transport: 'quic.bare' }),
  bulkMeasurement({ name: 'stream.memory', link: 'memory', transport: 'htx.memory', oneProcess: true }),
  handshakes,
  resumptions,
  idlePings,
  bulkPings,
  forwardRoundTrips,
  socksConnections,
  idleSessions,
  camouflagedSessions,
  longSession,
  ticketInserts,
  ticketChecks,
]

export const RATIOS: readonly Ratio[] = [
  { name: 'ratio.nodetls', of: 'stream.tcp', over: 'nodetls.chacha20' },
  { name: 'ratio.quic', of: 'stream.quic', over: 'quic.bare' },
  { name: 'ratio.forward', of: 'forward.tcp', over: 'stream.tcp' },
  { name: 'ratio.continuity', of: 'continuity.bulk', over: 'stream.tcp' },
  { name: 'ratio.streams100', of: 'streams100.tcp', over: 'stream.tcp' },
]

export interface Selection {
  readonly measurements: readonly Measurement[]
  readonly ratios: readonly Ratio[]
}

/**
 * What to measure. A ratio brings what it is made of.
 * @param only names; all that are not taken by name alone when empty
 * @param link leaves out measurements of other links
 * @throws AivError `E_USAGE` for an unknown name or when nothing is left
 */
export function selectMeasurements(
  only: readonly string[],
  link: Measurement['link'] | undefined,
): Selection {
  const measurements = selectByName(only, MEASUREMENTS, RATIOS).filter(
    (measurement) => link === undefined || measurement.link === link,
  )
  if (measurements.length === 0)
    throw new AivError('E_USAGE', 'nothing is left to measure', {
      hint: `${only.join(', ')} does not use the link ${link}.`,
    })
  return { measurements, ratios: RATIOS }
}
