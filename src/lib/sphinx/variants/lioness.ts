/** LIONESS (Anderson and Biham, FSE 1996) with ChaCha20 and keyed BLAKE2b: a wide block cipher of four Feistel rounds. */
import { concat } from '../../core/index.ts'
import { chacha20Keystream, type VariableBlake2b } from '../../crypto/index.ts'
import { xor } from './nested-header.ts'

/** Two stream keys of 32 bytes and two hash keys of 64, in turns. */
export const LIONESS_KEY_BYTES = 192
/** The left part: as long as a stream key, and as a digest. */
const LEFT_BYTES = 32
const HASH_KEY_BYTES = 64

type Round = (left: Uint8Array, right: Uint8Array) => readonly [Uint8Array, Uint8Array]

/** @param block longer than 32 bytes */
export function lionessEncrypt(hash: VariableBlake2b, key: Uint8Array, block: Uint8Array): Uint8Array {
  return run(roundsOf(hash, key), block)
}

/** @param block longer than 32 bytes */
export function lionessDecrypt(hash: VariableBlake2b, key: Uint8Array, block: Uint8Array): Uint8Array {
  return run(roundsOf(hash, key).toReversed(), block)
}

function run(rounds: readonly Round[], block: Uint8Array): Uint8Array {
  let left = block.subarray(0, LEFT_BYTES)
  let right = block.subarray(LEFT_BYTES)
  for (const round of rounds) [left, right] = round(left, right)
  return concat(left, right)
}

/** Each is its own inverse. */
function roundsOf(hash: VariableBlake2b, key: Uint8Array): readonly Round[] {
  let at = 0
  const next = (length: number): Uint8Array => {
    at += length
    return key.subarray(at - length, at)
  }
  const streamRound = (): Round => {
    const part = next(LEFT_BYTES)
    return (left, right) => [left, xor(right, chacha20Keystream(xor(left, part), right.length))]
  }
  const hashRound = (): Round => {
    const part = next(HASH_KEY_BYTES)
    return (left, right) => [xor(left, hash({ key: part, length: LEFT_BYTES }, right)), right]
  }
  return [streamRound(), hashRound(), streamRound(), hashRound()]
}
