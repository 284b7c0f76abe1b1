/**
 * AES rounds (FIPS 197) on eight blocks at once, bitsliced: no table and no branch, so that neither time nor cache depends on a key or a
 * block. Plane k is 16 bytes: bit j of its byte i is bit k of byte i of block j. Eight planes, or eight blocks, are 128 bytes.
 *
 * The S-box is the circuit of Boyar and Peralta ("A depth-16 circuit for the AES S-box", 2011) without its four
 * negations, which add 0x63: `expandRoundKey` adds it to the key instead, since MixColumns leaves it as it is.
 */
import { STATE } from './layout.ts'

const PLANE: usize = 16
export const PLANES: usize = 128

/** Blocks to planes and back: eight rows of bits become columns, in each byte on its own. */
export function transpose(at: usize): void {
  let r0 = v128.load(at)
  let r1 = v128.load(at, 0x10)
  let r2 = v128.load(at, 0x20)
  let r3 = v128.load(at, 0x30)
  let r4 = v128.load(at, 0x40)
  let r5 = v128.load(at, 0x50)
  let r6 = v128.load(at, 0x60)
  let r7 = v128.load(at, 0x70)
  let mask = i8x16.splat(0x55)
  let t = moved(r0, r1, 1, mask)
  r1 = v128.xor(r1, t)
  r0 = v128.xor(r0, i64x2.shl(t, 1))
  t = moved(r2, r3, 1, mask)
  r3 = v128.xor(r3, t)
  r2 = v128.xor(r2, i64x2.shl(t, 1))
  t = moved(r4, r5, 1, mask)
  r5 = v128.xor(r5, t)
  r4 = v128.xor(r4, i64x2.shl(t, 1))
  t = moved(r6, r7, 1, mask)
  r7 = v128.xor(r7, t)
  r6 = v128.xor(r6, i64x2.shl(t, 1))
  mask = i8x16.splat(0x33)
  t = moved(r0, r2, 2, mask)
  r2 = v128.xor(r2, t)
  r0 = v128.xor(r0, i64x2.shl(t, 2))
  t = moved(r1, r3, 2, mask)
  r3 = v128.xor(r3, t)
  r1 = v128.xor(r1, i64x2.shl(t, 2))
  t = moved(r4, r6, 2, mask)
  r6 = v128.xor(r6, t)
  r4 = v128.xor(r4, i64x2.shl(t, 2))
  t = moved(r5, r7, 2, mask)
  r7 = v128.xor(r7, t)
  r5 = v128.xor(r5, i64x2.shl(t, 2))
  mask = i8x16.splat(0x0f)
  t = moved(r0, r4, 4, mask)
  v128.store(at, v128.xor(r4, t), 0x40)
  v128.store(at, v128.xor(r0, i64x2.shl(t, 4)))
  t = moved(r1, r5, 4, mask)
  v128.store(at, v128.xor(r5, t), 0x50)
  v128.store(at, v128.xor(r1, i64x2.shl(t, 4)), 0x10)
  t = moved(r2, r6, 4, mask)
  v128.store(at, v128.xor(r6, t), 0x60)
  v128.store(at, v128.xor(r2, i64x2.shl(t, 4)), 0x20)
  t = moved(r3, r7, 4, mask)
  v128.store(at, v128.xor(r7, t), 0x70)
  v128.store(at, v128.xor(r3, i64x2.shl(t, 4)), 0x30)
}

@inline
function moved(a: v128, b: v128, by: i32, mask: v128): v128 {
  return v128.and(v128.xor(i64x2.shr_u(a, by), b), mask)
}

/** The planes of one block in all eight places, for what is the same in each. */
export function spread(out: usize, block: usize): void {
  const row = v128.load(block)
  let bit = i8x16.splat(1)
  for (let i: usize = 0; i < PLANES; i += PLANE) {
    v128.store(out + i, i8x16.eq(v128.and(row, bit), bit))
    bit = i8x16.shl(bit, 1)
  }
}

/** As `spread`, for keys that follow an S-box. */
export function spreadRoundKey(out: usize, block: usize): void {
  spread(out, block)
  const ones = i8x16.splat(-1)
  v128.store(out, v128.xor(v128.load(out), ones))
  v128.store(out, v128.xor(v128.load(out, 0x10), ones), 0x10)
  v128.store(out, v128.xor(v128.load(out, 0x50), ones), 0x50)
  v128.store(out, v128.xor(v128.load(out, 0x60), ones), 0x60)
}

export function xorPlanes(out: usize, planes: usize): void {
  for (let i: usize = 0; i < PLANES; i += PLANE) v128.store(out + i, v128.xor(v128.load(out + i), v128.load(planes + i)))
}

export function copyPlanes(out: usize, planes: usize): void {
  for (let i: usize = 0; i < PLANES; i += PLANE) v128.store(out + i, v128.load(planes + i))
}

/** The S-box on the planes of `STATE`, but for 0x63. */
export function substitute(): void {
  const x0 = v128.load(STATE, 0x70)
  const x1 = v128.load(STATE, 0x60)
  const x2 = v128.load(STATE, 0x50)
  const x3 = v128.load(STATE, 0x40)
  const x4 = v128.load(STATE, 0x30)
  const x5 = v128.load(STATE, 0x20)
  const x6 = v128.load(STATE, 0x10)
  const x7 = v128.load(STATE)
  // The linear part in front.
  const y14 = v128.xor(x3, x5)
  const y13 = v128.xor(x0, x6)
  const y9 = v128.xor(x0, x3)
  const y8 = v128.xor(x0, x5)
  const t0 = v128.xor(x1, x2)
  const y1 = v128.xor(t0, x7)
  const y4 = v128.xor(y1, x3)
  const y12 = v128.xor(y13, y14)
  const y2 = v128.xor(y1, x0)
  const y5 = v128.xor(y1, x6)
  const y3 = v128.xor(y5, y8)
  const t1 = v128.xor(x4, y12)
  const y15 = v128.xor(t1, x5)
  const y20 = v128.xor(t1, x1)
  const y6 = v128.xor(y15, x7)
  const y10 = v128.xor(y15, t0)
  const y11 = v128.xor(y20, y9)
  const y7 = v128.xor(x7, y11)
  const y17 = v128.xor(y10, y11)
  const y19 = v128.xor(y10, y8)
  const y16 = v128.xor(t0, y11)
  const y21 = v128.xor(y13, y16)
  const y18 = v128.xor(x0, y16)
  // The inversion.
  const t2 = v128.and(y12, y15)
  const t4 = v128.xor(v128.and(y3, y6), t2)
  const t6 = v128.xor(v128.and(y4, x7), t2)
  const t7 = v128.and(y13, y16)
  const t9 = v128.xor(v128.and(y5, y1), t7)
  const t11 = v128.xor(v128.and(y2, y7), t7)
  const t12 = v128.and(y9, y11)
  const t14 = v128.xor(v128.and(y14, y17), t12)
  const t16 = v128.xor(v128.and(y8, y10), t12)
  const t21 = v128.xor(v128.xor(t4, t14), y20)
  const t22 = v128.xor(v128.xor(t6, t16), y19)
  const t23 = v128.xor(v128.xor(t9, t14), y21)
  const t24 = v128.xor(v128.xor(t11, t16), y18)
  const t25 = v128.xor(t21, t22)
  const t26 = v128.and(t21, t23)
  const t27 = v128.xor(t24, t26)
  const t29 = v128.xor(v128.and(t25, t27), t22)
  const t30 = v128.xor(t23, t24)
  const t31 = v128.xor(t22, t26)
  const t33 = v128.xor(v128.and(t31, t30), t24)
  const t34 = v128.xor(t23, t33)
  const t36 = v128.and(t24, v128.xor(t27, t33))
  const t37 = v128.xor(t36, t34)
  const t40 = v128.xor(t25, v128.and(t29, v128.xor(t27, t36)))
  const t41 = v128.xor(t40, t37)
  const t42 = v128.xor(t29, t33)
  const t43 = v128.xor(t29, t40)
  const t44 = v128.xor(t33, t37)
  const t45 = v128.xor(t42, t41)
  const z0 = v128.and(t44, y15)
  const z1 = v128.and(t37, y6)
  const z2 = v128.and(t33, x7)
  const z3 = v128.and(t43, y16)
  const z4 = v128.and(t40, y1)
  const z5 = v128.and(t29, y7)
  const z6 = v128.and(t42, y11)
  const z7 = v128.and(t45, y17)
  const z8 = v128.and(t41, y10)
  const z9 = v128.and(t44, y12)
  const z10 = v128.and(t37, y3)
  const z11 = v128.and(t33, y4)
  const z12 = v128.and(t43, y13)
  const z13 = v128.and(t40, y5)
  const z14 = v128.and(t29, y2)
  const z15 = v128.and(t42, y9)
  const z16 = v128.and(t45, y14)
  const z17 = v128.and(t41, y8)
  // The linear part behind.
  const t46 = v128.xor(z15, z16)
  const t48 = v128.xor(z5, z13)
  const t53 = v128.xor(z0, z3)
  const t54 = v128.xor(z6, z7)
  const t57 = v128.xor(v128.xor(z2, z12), t53)
  const t58 = v128.xor(z4, t46)
  const t59 = v128.xor(z3, t54)
  const t60 = v128.xor(t46, t57)
  const t61 = v128.xor(z14, t57)
  const t62 = v128.xor(v128.xor(z7, z8), t58)
  const t63 = v128.xor(v128.xor(z9, z10), t58)
  const t64 = v128.xor(z4, t59)
  const t65 = v128.xor(t61, t62)
  const t66 = v128.xor(z1, t63)
  const s3 = v128.xor(t53, t66)
  v128.store(STATE, v128.xor(t59, t63), 0x70)
  v128.store(STATE, v128.xor(t64, s3), 0x60)
  v128.store(STATE, v128.xor(v128.xor(z16, z17), v128.xor(t64, t65)), 0x50)
  v128.store(STATE, s3, 0x40)
  v128.store(STATE, v128.xor(v128.xor(z2, z5), t66), 0x30)
  v128.store(STATE, v128.xor(v128.xor(z10, z11), t65), 0x20)
  v128.store(STATE, v128.xor(v128.xor(z12, t48), t62), 0x10)
  v128.store(STATE, v128.xor(t48, t60))
}

/** ShiftRows. */
@inline
function shifted(plane: v128): v128 {
  return i8x16.shuffle(plane, plane, 0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11)
}

/** ShiftRows, then each column's bytes one place up. */
@inline
function shiftedNext(plane: v128): v128 {
  return i8x16.shuffle(plane, plane, 5, 10, 15, 0, 9, 14, 3, 4, 13, 2, 7, 8, 1, 6, 11, 12)
}

/** Each column's bytes two places up. */
@inline
function opposite(plane: v128): v128 {
  return i8x16.shuffle(plane, plane, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
}

/** ShiftRows, MixColumns and the key. A column is 2(a + b) + b + (c + d), where b is the byte after a. */
function mix(key: usize): void {
  const n0 = shiftedNext(v128.load(STATE))
  const n1 = shiftedNext(v128.load(STATE, 0x10))
  const n2 = shiftedNext(v128.load(STATE, 0x20))
  const n3 = shiftedNext(v128.load(STATE, 0x30))
  const n4 = shiftedNext(v128.load(STATE, 0x40))
  const n5 = shiftedNext(v128.load(STATE, 0x50))
  const n6 = shiftedNext(v128.load(STATE, 0x60))
  const n7 = shiftedNext(v128.load(STATE, 0x70))
  const s0 = v128.xor(shifted(v128.load(STATE)), n0)
  const s1 = v128.xor(shifted(v128.load(STATE, 0x10)), n1)
  const s2 = v128.xor(shifted(v128.load(STATE, 0x20)), n2)
  const s3 = v128.xor(shifted(v128.load(STATE, 0x30)), n3)
  const s4 = v128.xor(shifted(v128.load(STATE, 0x40)), n4)
  const s5 = v128.xor(shifted(v128.load(STATE, 0x50)), n5)
  const s6 = v128.xor(shifted(v128.load(STATE, 0x60)), n6)
  const s7 = v128.xor(shifted(v128.load(STATE, 0x70)), n7)
  add(key, 0x00, s7, n0, s0)
  add(key, 0x10, v128.xor(s0, s7), n1, s1)
  add(key, 0x20, s1, n2, s2)
  add(key, 0x30, v128.xor(s2, s7), n3, s3)
  add(key, 0x40, v128.xor(s3, s7), n4, s4)
  add(key, 0x50, s4, n5, s5)
  add(key, 0x60, s5, n6, s6)
  add(key, 0x70, s6, n7, s7)
}

@inline
function add(key: usize, at: usize, doubled: v128, next: v128, sum: v128): void {
  const mixed = v128.xor(v128.xor(doubled, next), opposite(sum))
  v128.store(STATE + at, v128.xor(mixed, v128.load(key + at)))
}

/** A full round over `STATE`; `key` is from `spreadRoundKey`. */
export function round(key: usize): void {
  substitute()
  mix(key)
}

/** The last round of AES, which mixes no columns. */
export function lastRound(key: usize): void {
  substitute()
  for (let i: usize = 0; i < PLANES; i += PLANE)
    v128.store(STATE + i, v128.xor(shifted(v128.load(STATE + i)), v128.load(key + i)))
}
