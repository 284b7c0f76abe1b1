import { describe, expect, it } from 'vitest'
import { isAllZero, SeededRandom } from '../../src/lib/core/index.ts'
import { makeGeometry, PlainSphinxKernel, type SphinxKernel } from '../../src/lib/sphinx/index.ts'
import { WasmSphinxKernel } from '../../src/lib/sphinx/wasm-kernel.ts'
import { authenticInput } from '../support/sphinx-kernels.ts'
import { LEAK_T, timingT } from '../support/timing-leak.ts'

const SEED = 31
/** Little work beside the check, so that a check that ends early shows: one byte after another it did, with t above 16. */
const geometry = makeGeometry({ format: 'nike', hops: 1, payloadBytes: 64 })

/** How often a short check runs in one measurement, so that the clock can see it. */
const REPEATED = 64

/** The time of an `open` whose MAC is wrong in its first byte, or in its last. */
function macCheck(kernel: SphinxKernel): (which: 0 | 1) => boolean {
  const input = authenticInput(geometry, new SeededRandom(SEED))
  const wrongAt = [geometry.headerBytes - 32, geometry.headerBytes - 1] as const
  const packets = wrongAt.map((at) => {
    const packet = input.packet.slice()
    packet[at] = (packet[at] as number) ^ 0x55
    return packet
  })
  return (which) => {
    kernel.packet.set(packets[which] as Uint8Array)
    kernel.dh.set(input.dh)
    kernel.hopPublic.set(input.hopPublic)
    return kernel.open()
  }
}

/** The time of a check of the payload's tag that is wrong in its first byte, or in its last. */
function tagCheck(isZero: typeof isAllZero): (which: 0 | 1) => unknown {
  const tags = [0, 31].map((at) => new Uint8Array(32).fill(0x55, at, at + 1))
  const answers: boolean[] = new Array(REPEATED).fill(false)
  return (which) => {
    for (let i = 0; i < REPEATED; i++) answers[i] = isZero(tags[which] as Uint8Array)
    return answers
  }
}

function leakyIsAllZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false
  return true
}

describe('the time of a refusal', () => {
  it('does not tell where the MAC is wrong, in the compiled kernel', () => {
    expect(timingT(macCheck(new WasmSphinxKernel(geometry)), 20_000, SEED)).toBeLessThan(LEAK_T)
  })

  it('does not tell where the MAC is wrong, in the plain kernel', () => {
    expect(timingT(macCheck(new PlainSphinxKernel(geometry)), 4000, SEED)).toBeLessThan(LEAK_T)
  })

  it('does not tell where the tag of the payload is wrong', () => {
    expect(timingT(tagCheck(isAllZero), 8000, SEED)).toBeLessThan(LEAK_T)
  })

  it('is told apart when a check ends at the first wrong byte', () => {
    expect(timingT(tagCheck(leakyIsAllZero), 8000, SEED)).toBeGreaterThan(LEAK_T)
  })
})
