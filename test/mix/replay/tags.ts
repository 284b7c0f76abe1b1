/** Replay tags for tests: as unlike each other as digests are. */
import { SeededRandom } from '../../../src/lib/core/index.ts'

/** `count` tags of 32 bytes, one behind the other. */
export function tagBlock(seed: number, count: number): Uint8Array {
  return new SeededRandom(seed).bytes(32 * count)
}

export function tagOf(block: Uint8Array, index: number): Uint8Array {
  return block.subarray(32 * index, 32 * index + 32)
}
