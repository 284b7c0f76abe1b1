/** The values of RFC 8701 that one hello uses, by the rules of BoringSSL (google/boringssl at a0689af, handshake_client.cc). */
import type { RandomSource } from '../../../core/index.ts'
import type { Code } from '../template/template.ts'

/** Where a value stands. Each place has its own, the group both in supported_groups and in key_share. */
export type GreasePlace = 'cipher' | 'group' | 'first-extension' | 'last-extension' | 'version' | 'signature'

const PLACES = ['cipher', 'group', 'first-extension', 'last-extension', 'version', 'signature'] as const
/** Two extensions of one type would be an error (RFC 8446 section 4.2). */
const OTHER_VALUE = 0x1010

export type GreaseValues = Readonly<Record<GreasePlace, number>>

export function drawGreaseValues(random: RandomSource): GreaseValues {
  const seed = random.bytes(PLACES.length)
  const values = Object.fromEntries(
    PLACES.map((place, index) => [place, greaseValue(seed[index] as number)]),
  ) as Record<GreasePlace, number>
  if (values['last-extension'] === values['first-extension']) values['last-extension'] ^= OTHER_VALUE
  return values
}

/** The high half of a byte picks one of the sixteen. */
function greaseValue(seed: number): number {
  const byte = (seed & 0xf0) | 0x0a
  return (byte << 8) | byte
}

/** The numbers of a list, with this value where it says GREASE. */
export function withGrease(list: readonly Code[], value: number): readonly number[] {
  return list.map((code) => (code === 'GREASE' ? value : code))
}
