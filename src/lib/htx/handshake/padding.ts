/** PAD of the handshake messages (section 3.4): its length is uniform, more of it where the link is camouflaged. */
import { type RandomSource, uniformInt } from '../../core/index.ts'
import type { LinkName } from './prologue.ts'
import type { HandshakeRandomness } from './result.ts'

const PAD_MOST = 255
const PAD_MOST_HTTPS = 1023

export function drawPadLength(random: RandomSource, link: LinkName): number {
  return uniformInt(random, 0, link === 'https' ? PAD_MOST_HTTPS : PAD_MOST)
}

/** The recorded length of message `index` (0, 1, 2) where one is given, else a fresh draw; empty when it says none. */
export function padField(
  index: 0 | 1 | 2,
  random: RandomSource,
  link: LinkName,
  recorded: HandshakeRandomness | undefined,
): { readonly padLength?: number } {
  if (recorded?.padLengths === undefined) return { padLength: drawPadLength(random, link) }
  const length = recorded.padLengths[index]
  return length === undefined ? {} : { padLength: length }
}
