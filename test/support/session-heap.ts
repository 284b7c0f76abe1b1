/** Memory in use after a full collection, so that a test can tell what is held from what is merely garbage. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Buffers that a collection has found are freed by another thread, a little later. */
const COLLECTIONS = 4

/** Bytes: the JavaScript heap and the array buffers beside it. */
export function heldBytes(): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < COLLECTIONS; i++) {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    least = Math.min(least, heapUsed + arrayBuffers)
  }
  return least
}
