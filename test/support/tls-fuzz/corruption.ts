/** What is wrong with hostile bytes: lengths that lie, ends that are missing, parts that come twice. */
import { AivError, concat, type ErrorCode, type SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { mutate, pickOne } from '../session-mutation.ts'

export function corrupt(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  // A copy of another kind: to slice a Buffer would change the original.
  let changed: Uint8Array = new Uint8Array(bytes)
  for (let times = 1 + random.below(2); times > 0 && changed.length > 0; times--)
    switch (random.below(5)) {
      case 0:
        changed = mutate(random, changed)
        break
      case 1:
        changed = changed.slice(0, random.below(changed.length))
        break
      case 2: {
        const [from, to] = [random.below(changed.length), random.below(changed.length)]
        changed = concat(changed.subarray(0, to), changed.subarray(from))
        break
      }
      default:
        changed = withLie(random, changed)
    }
  return changed
}

/** A number of one to four bytes, in either order, says something else: nothing, all, or a little more than there is. */
function withLie(random: SeededRandom, bytes: Uint8Array): Uint8Array {
  const out = bytes.slice()
  // The first bytes hold most lengths.
  const at = random.chance(0.4) ? random.below(Math.min(64, out.length)) : random.below(out.length)
  const width = 1 + random.below(4)
  const left = out.length - at - width
  const value = pickOne(random, [
    0,
    1,
    2,
    left - 1,
    left,
    left + 1,
    left + 2,
    255,
    65_535,
    16_777_215,
    -1,
    4_096,
  ])
  const isLittle = random.chance(0.3)
  for (let i = 0; i < width && at + i < out.length; i++) {
    const shift = 8 * (isLittle ? i : width - 1 - i)
    out[at + i] = (value >>> shift) & 0xff
  }
  return out
}

/** Cuts at random; what is short now and then into single bytes. */
export function inPieces(random: SeededRandom, bytes: Uint8Array): readonly Uint8Array[] {
  const pieces: Uint8Array[] = []
  const most = pickOne(random, bytes.length < 400 ? [1, 20, 300] : [90, 900, 9_000])
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.slice(at, at + 1 + random.below(most))
    pieces.push(piece)
    at += piece.length
  }
  return pieces
}

export function fail(what: string, input: Uint8Array): never {
  throw new Error(`${what}: ${toHex(input.subarray(0, 300))}`)
}

/** The code of a typed error that is the reader's right. @throws Error for anything else */
export function codeOf(error: unknown, codes: readonly ErrorCode[], input: Uint8Array): ErrorCode {
  if (error instanceof AivError && codes.includes(error.code)) return error.code
  return fail(`not a typed outcome (${error instanceof Error ? error.stack : String(error)})`, input)
}
