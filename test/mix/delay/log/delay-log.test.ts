import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compare, concat, readU32, SeededRandom, toHex } from '../../../../src/lib/core/index.ts'
import { sha256 } from '../../../../src/lib/crypto/index.ts'
import { DelayLog } from '../../../../src/lib/mix/delay/log/delay-log.ts'
import { leafId, openLeaf, writeLeaf } from '../../../../src/lib/mix/delay/log/leaf.ts'
import { LeafFile, MemoryLeaves } from '../../../../src/lib/mix/delay/log/leaf-store.ts'
import { MerkleRoot } from '../../../../src/lib/mix/delay/log/merkle-root.ts'
import { sortLeaves } from '../../../../src/lib/mix/delay/log/sort-leaves.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { judge } from '../../../support/judge.ts'

const TIMES = { delayUs: 33_123, arrivedUs: 1_795_564_800_000_000.5, releasedUs: 1_795_564_800_033_200.5 }

/** The recursive definition of the RFC, on lines of 72 bytes. */
const PYTHON_ROOT = `
import sys, hashlib
h = lambda b: hashlib.sha256(b).digest()
def root(d):
    if not d: return h(b'')
    if len(d) == 1: return h(b'\\0' + d[0])
    k = 1
    while k * 2 < len(d): k *= 2
    return h(b'\\1' + root(d[:k]) + root(d[k:]))
data = sys.stdin.buffer.read()
lines = sorted(data[i:i+72] for i in range(0, len(data), 72))
print(root(lines).hex(), hashlib.sha256(b''.join(lines)).hexdigest())
`

describe('the log of delays', () => {
  it.each([0, 1, 2, 3, 5, 64, 3_000])('of %i lines is sorted, and has the root of the RFC', (count) => {
    const random = new SeededRandom(count)
    const log = new DelayLog(new LeafFile(join(temporaryFolder(), 'log')), 3_000)
    const lines: Uint8Array[] = []
    for (let i = 0; i < count; i++) {
      const tau = random.bytes(32)
      log.append(tau, TIMES)
      const line = new Uint8Array(72)
      writeLeaf(line, 0, tau, TIMES)
      lines.push(line)
    }
    const summary = log.seal()
    expect(summary.count).toBe(count)
    const written = concat(...log.leaves())
    log.discard()
    if (judge('python3') === undefined) return
    const { stdout } = spawnSync('python3', ['-c', PYTHON_ROOT], {
      input: concat(...lines),
      encoding: 'utf8',
    })
    expect(`${toHex(summary.root)} ${toHex(sha256(written))}`).toBe(stdout.trim())
  })

  it('takes no line beyond its bound, nor after its end, and cannot be read before it', () => {
    const log = new DelayLog(new MemoryLeaves(), 2)
    for (const fill of [1, 2]) {
      expect(log.isFull).toBe(false)
      log.append(new Uint8Array(32).fill(fill), TIMES)
    }
    expect(log.isFull).toBe(true)
    expect(() => log.append(new Uint8Array(32), TIMES)).toThrow(/no more lines/)
    expect(() => [...log.leaves()]).toThrow(/before its end/)
    const open = new DelayLog(new MemoryLeaves(), 2)
    open.seal()
    expect(() => open.append(new Uint8Array(32), TIMES)).toThrow(/no more lines/)
  })

  it.each([0, 1.5, 2 ** 30])('is not made for %d lines', (most) => {
    expect(() => new DelayLog(new MemoryLeaves(), most)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })

  it('is readable by its owner only, and leaves nothing behind', () => {
    const folder = temporaryFolder()
    const log = new DelayLog(new LeafFile(join(folder, 'log')), 10_000)
    for (let i = 0; i < 10; i++) log.append(new Uint8Array(32).fill(i), TIMES)
    log.seal()
    expect(statSync(join(folder, 'log')).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'log')).size).toBe(720)
    log.discard()
    expect(readdirSync(folder)).toEqual([])
  })

  it('does not keep the lines of a step in their order of arrival, not even on the way', () => {
    const store = new MemoryLeaves()
    const log = new DelayLog(store, 50_000)
    const random = new SeededRandom(5)
    for (let i = 0; i < 3_000; i++) log.append(random.bytes(32), TIMES)
    log.flush()
    const parts = [...store.read()]
    expect(parts.length).toBeGreaterThan(1)
    for (const part of parts) expect(toHex(sortLeaves(part))).toBe(toHex(part))
  })

  it('is put in order in shares when it does not fit into memory at once', () => {
    const random = new SeededRandom(7)
    const count = 20_000
    const lines = random.bytes(count * 72)
    const store = new MemoryLeaves()
    store.append(lines)
    const log = new DelayLog(store, count, 8_192)
    log.end()
    const parts = [...log.leaves()]
    expect(parts).toHaveLength(3)
    expect(parts.reduce((sum, part) => sum + part.length, 0)).toBe(lines.length)
    let previous = -1
    for (const part of parts)
      for (let at = 0; at < part.length; at += 72) {
        const prefix = readU32(part, at)
        if (prefix < previous) throw new Error('out of order')
        previous = prefix
      }
  })
})

describe('a line of the log', () => {
  const tau = new Uint8Array(32).fill(9)

  it('opens for who knows the packet, and for nobody else', () => {
    const line = new Uint8Array(72)
    writeLeaf(line, 0, tau, TIMES)
    expect(openLeaf(tau, line)).toEqual({
      delayUs: 33_123,
      arrivedUs: 1_795_564_800_000_000,
      releasedUs: 1_795_564_800_033_201,
    })
    expect(line.subarray(0, 32)).toEqual(leafId(tau))
    expect(openLeaf(new Uint8Array(32), line)).toBeUndefined()
    for (let i = 32; i < 72; i++) {
      const bent = line.slice()
      bent[i] = (bent[i] as number) ^ 1
      expect(openLeaf(tau, bent)).toBeUndefined()
    }
  })

  it('needs the whole secret of the packet', () => {
    expect(() => leafId(tau.subarray(1))).toThrow(expect.objectContaining({ code: 'E_CRYPTO' }))
  })

  it('keeps its place also where the first bytes of ids are the same', () => {
    const random = new SeededRandom(6)
    const lines = Array.from({ length: 500 }, () => {
      const line = random.bytes(72)
      line.fill(0, 0, random.below(2) === 0 ? 6 : 3)
      return line
    })
    const sorted = sortLeaves(concat(...lines))
    for (let at = 72; at < sorted.length; at += 72)
      expect(compare(sorted.subarray(at - 72, at - 40), sorted.subarray(at, at + 32))).toBeLessThanOrEqual(0)
    const seen = new Set(Array.from({ length: 500 }, (_, i) => toHex(sorted.subarray(i * 72, i * 72 + 72))))
    expect(seen).toEqual(new Set(lines.map(toHex)))
  })
})

describe('the Merkle root', () => {
  it('is that of the published example with the eight lines of the Certificate Transparency tests', () => {
    const leaves = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ]
    const roots = [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]
    const merkle = new MerkleRoot()
    leaves.forEach((leaf, i) => {
      merkle.add(Buffer.from(leaf, 'hex'))
      expect(toHex(merkle.root())).toBe(roots[i])
    })
  })
})
