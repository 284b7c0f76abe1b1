/** The measurements of `aiv utls bench`, by name. */

import { helloBuild } from './building-measurement.ts'
import { handshakeOverhead } from './handshake/measurement.ts'
import type { Measurement } from './measurement.ts'
import { captureRate, helloRate, matchRate } from './reading/measurements.ts'
import { readingMemory } from './reading/memory-measurement.ts'

export const MEASUREMENTS: readonly Measurement[] = [
  captureRate,
  readingMemory,
  helloRate,
  matchRate,
  helloBuild,
  handshakeOverhead,
]
