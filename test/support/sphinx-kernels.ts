/** Both Sphinx kernels on the same input. */
import type { RandomSource } from '../../src/lib/core/index.ts'
import { hmac, kemSecret } from '../../src/lib/crypto/index.ts'
import { deriveHopKeys } from '../../src/lib/sphinx/hop-keys.ts'
import {
  type Geometry,
  makeGeometry,
  PlainSphinxKernel,
  type SphinxKernel,
} from '../../src/lib/sphinx/index.ts'
import { WasmSphinxKernel } from '../../src/lib/sphinx/wasm-kernel.ts'

export interface KernelInput {
  readonly packet: Uint8Array
  readonly dh: Uint8Array
  readonly hopPublic: Uint8Array
}

export interface KernelPair {
  readonly geometry: Geometry
  readonly plain: SphinxKernel
  readonly wasm: SphinxKernel
}

/** Kernels for both formats and functions, paths of several lengths, and payloads around every border of the cipher. */
export function kernelPairs(): KernelPair[] {
  const pairs: KernelPair[] = []
  for (const [format, prf] of [
    ['kem', 'sha256-v1'],
    ['kem', 'blake2b-xof'],
    ['nike', 'sha256-v1'],
  ] as const)
    for (const hops of [1, 2, 3, 5, 16])
      for (const payloadBytes of [1, 15, 16, 17, 31, 32, 103, 255, 256, 272, 287, 288]) {
        const geometry = makeGeometry({ format, prf, hops, payloadBytes })
        pairs.push({
          geometry,
          plain: new PlainSphinxKernel(geometry),
          wasm: new WasmSphinxKernel(geometry),
        })
      }
  return pairs
}

/** Random bytes with a MAC that is right. */
export function authenticInput(geometry: Geometry, random: RandomSource): KernelInput {
  const { format, prf, packetBytes, headerBytes } = geometry
  const packet = random.bytes(packetBytes)
  const [dh, hopPublic] = [random.bytes(32), random.bytes(32)]
  const secret = format === 'kem' ? kemSecret(prf, dh, hopPublic, packet.subarray(2, 34)) : dh
  const macAt = headerBytes - 32
  packet.set(hmac('sha256', deriveHopKeys(secret).macKey, packet.subarray(0, macAt)), macAt)
  return { packet, dh, hopPublic }
}

/** Feeds an input and opens it. */
export function openWith(kernel: SphinxKernel, { packet, dh, hopPublic }: KernelInput): boolean {
  kernel.packet.set(packet)
  kernel.dh.set(dh)
  kernel.hopPublic.set(hopPublic)
  return kernel.open()
}

/** Undefined when both kernels did the same, else what differs. */
export function kernelDifference(pair: KernelPair, input: KernelInput): string | undefined {
  const { plain, wasm } = pair
  const [expected, actual] = [openWith(plain, input), openWith(wasm, input)]
  if (expected !== actual) return 'whether the MAC is right'
  if (!same(plain.packet, wasm.packet)) return 'the packet'
  if (!expected) return undefined
  if (!same(plain.slot, wasm.slot)) return 'the slot'
  if (!same(plain.replayTag, wasm.replayTag)) return 'the replay tag'
  if (pair.geometry.format === 'nike' && !same(plain.blindingScalar, wasm.blindingScalar))
    return 'the blinding scalar'
  plain.deriveTau()
  wasm.deriveTau()
  return same(plain.tau, wasm.tau) ? undefined : 'tau'
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
