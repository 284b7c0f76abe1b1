/** Which kernel a node uses. */
import { isAivError } from '../core/index.ts'
import type { Geometry } from './geometry.ts'
import { PlainSphinxKernel, type SphinxKernel } from './kernel.ts'
import { WasmSphinxKernel } from './wasm-kernel.ts'

/** The compiled kernel, or the plain one, which gives the same answers, where the other is missing or does not run. */
export function loadSphinxKernel(geometry: Geometry): SphinxKernel {
  try {
    return new WasmSphinxKernel(geometry)
  } catch (error) {
    if (isAivError(error) && ['E_DEPENDENCY_MISSING', 'E_UNSUPPORTED'].includes(error.code))
      return new PlainSphinxKernel(geometry)
    throw error
  }
}
