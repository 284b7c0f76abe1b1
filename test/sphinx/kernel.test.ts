import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromHex, SeededRandom, toHex } from '../../src/lib/core/index.ts'
import {
  loadSphinxKernel,
  MixKey,
  makeGeometry,
  PacketUnwrapper,
  type SphinxKernel,
} from '../../src/lib/sphinx/index.ts'
import { WasmSphinxKernel } from '../../src/lib/sphinx/wasm-kernel.ts'
import { conformancePath } from '../support/conformance.ts'
import { compareKernels } from '../support/mix-nightly/kernel-comparison.ts'
import {
  authenticInput,
  type KernelPair,
  kernelDifference,
  kernelPairs,
  openWith,
} from '../support/sphinx-kernels.ts'

const SPHINX = new URL('../../dist/lib/sphinx/index.js', import.meta.url).href

interface PacketVector {
  readonly Nodes: readonly { readonly PrivateKey: string }[]
  readonly Packets: readonly string[]
  readonly Payload: string
}

/** All that the kernel can write to. */
function memoryOf(kernel: WasmSphinxKernel): Uint8Array {
  return new Uint8Array(kernel.packet.buffer)
}

describe('the compiled kernel', () => {
  it('does what the plain kernel does, on 20,000 inputs of every geometry', () => {
    expect(() => compareKernels({ count: 20_000, seed: 2026 })).not.toThrow()
  })

  it('is told apart from the plain kernel by one wrong bit', () => {
    const pair = kernelPairs()[0] as KernelPair
    const { wasm } = pair
    const wrong: SphinxKernel = Object.create(wasm, {
      open: {
        value: () => {
          const answer = wasm.open()
          wasm.packet[99] = (wasm.packet[99] as number) ^ 1
          return answer
        },
      },
    })
    const input = authenticInput(pair.geometry, new SeededRandom(1))
    expect(kernelDifference({ ...pair, wasm: wrong }, input)).toBe('the packet')
  })

  it.each([
    ['nike', 'sphinx_vectors.json', 17],
    ['kem', 'kemsphinx_vectors.json', 2],
  ] as const)('unwraps the published %s packets byte for byte', (format, file, unwraps) => {
    const path = conformancePath('mix', 'katzenpost', file)
    if (path === undefined) return
    const vectors = JSON.parse(readFileSync(path, 'utf8')) as readonly PacketVector[]
    let done = 0
    for (const { Nodes, Packets, Payload } of vectors) {
      const packets = Packets.filter((packet) => packet !== '').map(fromHex)
      const geometry = makeGeometry({ format, hops: 5, payloadBytes: Payload.length / 2 })
      const unwrapper = new PacketUnwrapper(geometry, new WasmSphinxKernel(geometry))
      for (const [i, packet] of packets.entries()) {
        unwrapper.setKeys([MixKey.fromPrivate(fromHex(Nodes[i]?.PrivateKey as string))])
        const status = unwrapper.unwrap(packet)
        const next = packets[i + 1]
        if (next !== undefined) expect([status, toHex(unwrapper.output)]).toEqual([0, toHex(next)])
        else if (status === 1) expect(toHex(unwrapper.output)).toBe(Payload)
        else expect(status).toBe(2)
        done++
      }
    }
    expect(done).toBe(unwraps)
  })

  it('opens packets of the largest geometry and keeps its views', () => {
    const geometry = makeGeometry({ hops: 16, packetBytes: 1 << 20 })
    const kernel = new WasmSphinxKernel(geometry)
    const input = authenticInput(geometry, new SeededRandom(3))
    expect(openWith(kernel, input)).toBe(true)
    expect(kernel.packet).toHaveLength(1 << 20)
    expect(kernel.packet.buffer.byteLength).toBeLessThan(18 * 65_536)
  })

  it('leaves the packet as it was when the MAC is wrong', () => {
    const geometry = makeGeometry()
    const kernel = new WasmSphinxKernel(geometry)
    const input = authenticInput(geometry, new SeededRandom(4))
    const macAt = geometry.headerBytes - 32
    for (let bit = 0; bit < 256; bit++) {
      const packet = input.packet.slice()
      packet[macAt + (bit >>> 3)] = (packet[macAt + (bit >>> 3)] as number) ^ (1 << (bit & 7))
      expect(openWith(kernel, { ...input, packet })).toBe(false)
      expect(toHex(kernel.packet)).toBe(toHex(packet))
    }
    expect(openWith(kernel, input)).toBe(true)
  })

  it.each(['kem', 'nike'] as const)(
    'holds nothing of a %s packet after it was wiped, but the packet',
    (format) => {
      const geometry = makeGeometry({ format })
      const kernel = new WasmSphinxKernel(geometry)
      kernel.wipe()
      kernel.packet.fill(0)
      const before = toHex(memoryOf(kernel))
      for (const isAuthentic of [true, false]) {
        const input = authenticInput(geometry, new SeededRandom(5))
        if (!isAuthentic) input.packet[40] = (input.packet[40] as number) ^ 1
        expect(openWith(kernel, input)).toBe(isAuthentic)
        if (isAuthentic) {
          kernel.deriveTau()
          expect(toHex(memoryOf(kernel).subarray(0, 0x3000))).not.toBe(before.slice(0, 2 * 0x3000))
        }
        kernel.wipe()
        kernel.packet.fill(0)
        expect(toHex(memoryOf(kernel))).toBe(before)
      }
    },
  )

  it('refuses geometries that its memory has no room for', () => {
    const geometry = makeGeometry()
    for (const wrong of [
      { hops: 0 },
      { hops: 64 },
      { hops: -1 },
      { packetBytes: 400 },
      { packetBytes: 1 << 21 },
    ])
      expect(() => new WasmSphinxKernel({ ...geometry, ...wrong })).toThrow(
        expect.objectContaining({ code: 'E_UNSUPPORTED' }),
      )
  })
})

describe('loadSphinxKernel', () => {
  it('gives the compiled kernel where there is one', () => {
    expect(loadSphinxKernel(makeGeometry())).toBeInstanceOf(WasmSphinxKernel)
  })

  it('gives the plain kernel where the machine runs no WebAssembly', () => {
    const program = `
      const { loadSphinxKernel, makeGeometry } = await import(${JSON.stringify(SPHINX)})
      console.log(loadSphinxKernel(makeGeometry()).constructor.name)`
    const run = spawnSync(process.execPath, ['--jitless', '--input-type=module', '--eval', program], {
      encoding: 'utf8',
    })
    expect(run.stdout).toBe('PlainSphinxKernel\n')
  })

  it('gives the plain kernel for what the compiled one does not take', () => {
    const kernel = loadSphinxKernel({ ...makeGeometry(), hops: 0 })
    expect(kernel).not.toBeInstanceOf(WasmSphinxKernel)
  })
})
