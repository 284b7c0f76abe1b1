/**
 * The round function of AES (FIPS 197) on four big-endian words, by tables. AEZ uses full rounds with keys of its own and no
 * key schedule.
 *
 * Tables leak through the cache which of their lines a key selects. Here that is accepted: a Sphinx node uses a key for one
 * packet and then forgets it, so an observer of the cache learns about one packet at most.
 */

/** SubBytes and MixColumns in one: `T0[x]` is the column (2,1,1,3) times S(x); the others are its rotations. */
const T0 = new Int32Array(256)
const T1 = new Int32Array(256)
const T2 = new Int32Array(256)
const T3 = new Int32Array(256)

const rotateByte = (x: number, by: number): number => ((x << by) | (x >>> (8 - by))) & 0xff
const rotateWord = (x: number, by: number): number => (x >>> by) | (x << (32 - by))
/** Multiplication by x in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1. */
const xtime = (x: number): number => ((x << 1) ^ ((x >>> 7) * 0x11b)) & 0xff

function fillTables(): void {
  // p runs through the powers of the generator 3 and q through their inverses, so that q is 1/p.
  let p = 1
  let q = 1
  do {
    p ^= xtime(p)
    q ^= q << 1
    q ^= q << 2
    q ^= q << 4
    q &= 0xff
    if ((q & 0x80) !== 0) q ^= 0x09
    const affine = q ^ rotateByte(q, 1) ^ rotateByte(q, 2) ^ rotateByte(q, 3) ^ rotateByte(q, 4)
    setColumn(p, affine ^ 0x63)
  } while (p !== 1)
  setColumn(0, 0x63)
}

function setColumn(x: number, s: number): void {
  const twice = xtime(s)
  const column = (twice << 24) | (s << 16) | (s << 8) | (twice ^ s)
  T0[x] = column
  T1[x] = rotateWord(column, 8)
  T2[x] = rotateWord(column, 16)
  T3[x] = rotateWord(column, 24)
}

fillTables()

/**
 * MixColumns(ShiftRows(SubBytes(s))) ^ k, in place.
 * @param s four words
 * @param k words of the key, from `at`
 */
export function aesRound(s: Int32Array, k: Int32Array, at: number): void {
  const a = s[0] as number
  const b = s[1] as number
  const c = s[2] as number
  const d = s[3] as number
  s[0] = column(a, b, c, d) ^ (k[at] as number)
  s[1] = column(b, c, d, a) ^ (k[at + 1] as number)
  s[2] = column(c, d, a, b) ^ (k[at + 2] as number)
  s[3] = column(d, a, b, c) ^ (k[at + 3] as number)
}

function column(a: number, b: number, c: number, d: number): number {
  return (
    (T0[a >>> 24] as number) ^
    (T1[(b >>> 16) & 0xff] as number) ^
    (T2[(c >>> 8) & 0xff] as number) ^
    (T3[d & 0xff] as number)
  )
}
