/** The compiled kernel of Sphinx packets against the plain one. */
import { type RandomSource, SeededRandom } from '../../../src/lib/core/index.ts'
import {
  authenticInput,
  type KernelInput,
  type KernelPair,
  kernelDifference,
  kernelPairs,
} from '../sphinx-kernels.ts'

let pairs: readonly KernelPair[] | undefined

/**
 * Gives both kernels `count` inputs of every geometry in turn; every fourth is damaged in one bit.
 * @throws Error that names the first input on which they differ
 */
export function compareKernels({ count, seed }: { readonly count: number; readonly seed: number }): void {
  const random = new SeededRandom(seed)
  pairs ??= kernelPairs()
  for (let i = 0; i < count; i++) {
    const pair = pairs[i % pairs.length] as KernelPair
    const input = authenticInput(pair.geometry, random)
    if (i % 4 === 3) damage(input, random)
    const difference = kernelDifference(pair, input)
    if (difference !== undefined)
      throw new Error(`input ${i} with ${JSON.stringify(pair.geometry)}: ${difference} differs`)
  }
}

function damage({ packet }: KernelInput, random: RandomSource): void {
  const [high, low, bit] = random.bytes(3) as unknown as readonly [number, number, number]
  const at = ((high << 8) | low) % packet.length
  packet[at] = (packet[at] as number) ^ (1 << (bit & 7))
}
