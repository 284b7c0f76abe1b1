/** A process of the chain: a node as operators run it. */
import { readU32, systemClock, utf8 } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { createIdentity } from '../../../identity/index.ts'
import { descriptorJson, parseDirectory } from '../../directory/index.ts'
import { unaccounted } from '../../node/counters.ts'
import { RunningNode } from '../../run/running-node.ts'
import { ARRIVALS_AT_ONCE, EPOCH_LENGTH_S, FILTER_BYTES, MAX_DWELL_US } from '../constants.ts'
import type { ChainReply, ChainRequest } from './protocol.ts'

let node: RunningNode | undefined
let serials: number[] = []
let times: number[] = []

function reply(message: ChainReply): void {
  // A parent that is gone needs no answer, and its absence is no error.
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

function arrive(payload: Uint8Array): boolean {
  serials.push(readU32(payload, 0))
  times.push(systemClock.wallMs())
  if (serials.length >= ARRIVALS_AT_ONCE) report()
  else if (serials.length === 1) systemClock.schedule(1, report)
  return true
}

function report(): void {
  if (serials.length === 0) return
  reply({ kind: 'arrived', serials: Uint32Array.from(serials), wallMs: Float64Array.from(times) })
  serials = []
  times = []
}

async function obey(request: ChainRequest): Promise<void> {
  if (request.kind === 'start') {
    const { geometry, scheme, folder, isReceiver } = request
    const identity = createIdentity(systemRandom, systemClock)
    node = await RunningNode.start({
      identity,
      endpointIdentity: { identity },
      listen: [`${scheme}://127.0.0.1:0`],
      role: isReceiver ? 'provider' : 'mix',
      geometry,
      workers: 1,
      keyFolder: folder,
      epochLengthS: EPOCH_LENGTH_S,
      filter: { bytes: FILTER_BYTES },
      maxDwellUs: MAX_DWELL_US,
      onDeliver: isReceiver ? (_, payload) => arrive(payload) : undefined,
      clock: systemClock,
      random: systemRandom,
      onEvent: () => {},
    })
    reply({ kind: 'started', descriptor: descriptorJson(node.descriptor()) })
  } else if (request.kind === 'directory') {
    await node?.setDirectory(parseDirectory(utf8(request.text)))
    reply({ kind: 'listening' })
  } else if (node !== undefined) {
    const { counts } = node
    reply({ kind: 'counts', unaccounted: unaccounted(counts), dropped: counts.dropped })
  }
}

process.on('message', (request: ChainRequest) => {
  obey(request).catch((error: unknown) => {
    reply({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  })
})
process.on('disconnect', () => {
  void (node?.stop() ?? Promise.resolve()).finally(() => process.exit())
})
