/** Keys of both sides of a session without a handshake: made from a seed, the same every time. */
import { SeededRandom } from '../../src/lib/core/index.ts'
import { DirectionKeys, type SessionDirections } from '../../src/lib/htx/keys/direction.ts'
import { deriveSessionSecrets } from '../../src/lib/htx/keys/schedule.ts'

export type Role = 'client' | 'server'

/** Each call gives fresh objects: a session owns its keys and erases them. */
export function directionsFor(role: Role, seed: number): SessionDirections {
  const random = new SeededRandom(seed)
  const noise = { k1: random.bytes(32), k2: random.bytes(32), h: random.bytes(32) }
  return deriveSessionSecrets(role, noise).directions
}

/** Keys that seal or open anything and never agree with anybody's: for the direction a test does not use. */
export function unusedKeys(direction: 'c' | 's'): DirectionKeys {
  return new DirectionKeys(direction, new Uint8Array(32).fill(0xee), new Uint8Array(32))
}
