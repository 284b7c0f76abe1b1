/** The kernel in WebAssembly (`src/wasm/sphinx`): one call does all symmetric work of an unwrap. */
import { existsSync, readFileSync } from 'node:fs'
import { AivError } from '../core/index.ts'
import { ELEMENT_BYTES, REPLAY_TAG_BYTES, SHARED_SECRET_BYTES, TAU_BYTES } from './constants.ts'
import type { Geometry } from './geometry.ts'
import type { SphinxKernel } from './kernel.ts'

/** Beside the compiled library, and where the build puts it when sources run as they are. */
const PLACES = ['../../wasm/sphinx.wasm', '../../../dist/wasm/sphinx.wasm'] as const

const BLINDING_SCALAR_BYTES = 32

/** `kind` of `configure`. */
const KINDS = { nike: 0, 'sha256-v1': 1, 'blake2b-xof': 2 } as const

/** An address in the kernel's memory. */
interface Address {
  readonly value: number
}

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly dh: Address
  readonly hopPublic: Address
  readonly slot: Address
  readonly blindingScalar: Address
  readonly tau: Address
  readonly replayTag: Address
  packet(): number
  configure(kind: number, hops: number, packetBytes: number): number
  open(): number
  deriveTau(): void
  wipe(): void
}

/** What is used of the WebAssembly JavaScript interface; its types belong to a library for browsers. */
interface WebAssemblyInterface {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

/** Undefined in a Node that may not make code at run time (`--jitless`). */
const { WebAssembly } = globalThis as unknown as { readonly WebAssembly?: WebAssemblyInterface }

let compiled: object | undefined

/** @throws AivError `E_DEPENDENCY_MISSING` when the file is not there, or holds nothing that this machine runs */
function instantiate(): KernelExports {
  const urls = PLACES.map((place) => new URL(place, import.meta.url))
  const url = urls.find((candidate) => existsSync(candidate))
  if (url === undefined)
    throw new AivError('E_DEPENDENCY_MISSING', 'the compiled kernel for Sphinx packets is not installed')
  if (WebAssembly === undefined)
    throw new AivError('E_DEPENDENCY_MISSING', 'the compiled kernel for Sphinx packets needs WebAssembly')
  try {
    compiled ??= new WebAssembly.Module(readFileSync(url))
    return new WebAssembly.Instance(compiled).exports as KernelExports
  } catch (cause) {
    throw new AivError('E_DEPENDENCY_MISSING', 'the compiled kernel for Sphinx packets does not run here', {
      cause,
    })
  }
}

export class WasmSphinxKernel implements SphinxKernel {
  readonly packet: Uint8Array
  readonly dh: Uint8Array
  readonly hopPublic: Uint8Array
  readonly slot: Uint8Array
  readonly blindingScalar: Uint8Array
  readonly tau: Uint8Array
  readonly replayTag: Uint8Array
  readonly #exports: KernelExports

  /** @throws AivError `E_DEPENDENCY_MISSING` when it cannot run here, `E_UNSUPPORTED` for sizes beyond its memory */
  constructor({ format, prf, hops, packetBytes, slotBytes }: Geometry) {
    const kernel = instantiate()
    // The sizes are checked once, here: no length comes from outside later.
    if (kernel.configure(KINDS[format === 'kem' ? prf : format], hops, packetBytes) === 0)
      throw new AivError('E_UNSUPPORTED', 'the compiled kernel takes no packets of this geometry')
    const view = (at: number, length: number) => new Uint8Array(kernel.memory.buffer, at, length)
    this.#exports = kernel
    this.packet = view(kernel.packet(), packetBytes)
    this.dh = view(kernel.dh.value, SHARED_SECRET_BYTES)
    this.hopPublic = view(kernel.hopPublic.value, ELEMENT_BYTES)
    this.slot = view(kernel.slot.value, slotBytes)
    this.blindingScalar = view(kernel.blindingScalar.value, BLINDING_SCALAR_BYTES)
    this.tau = view(kernel.tau.value, TAU_BYTES)
    this.replayTag = view(kernel.replayTag.value, REPLAY_TAG_BYTES)
  }

  open(): boolean {
    return this.#exports.open() !== 0
  }

  deriveTau(): void {
    this.#exports.deriveTau()
  }

  wipe(): void {
    this.#exports.wipe()
  }
}
