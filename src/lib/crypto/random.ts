/** The operating system's random source. */
import { randomFillSync } from 'node:crypto'
import type { RandomSource } from '../core/index.ts'

export const systemRandom: RandomSource = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
}
