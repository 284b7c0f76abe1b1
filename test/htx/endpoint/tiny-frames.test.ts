import { once } from 'node:events'
import { expect, it } from 'vitest'
import type { HtxStream } from '../../../src/lib/htx/index.ts'
import { heldBytes } from '../../support/session-heap.ts'
import { StreamPair } from '../../support/stream-pair.ts'

const FRAMES = 30_000

it('a flood of one-byte frames that nobody reads costs about its bytes, and arrives unchanged', async () => {
  const pair = new StreamPair()
  const accepted = Promise.withResolvers<HtxStream>()
  pair.server.onStream((stream) => accepted.resolve(stream))
  const sender = pair.client.openStream()
  sender.write(Uint8Array.of(0))
  const receiver = await accepted.promise
  // Somebody looks at the stream but does not read on: a slow target, a full pipe.
  receiver.on('readable', () => {})
  const before = heldBytes()
  for (let i = 1; i < FRAMES; i++) {
    await new Promise((resolve) => sender.write(Uint8Array.of(i & 0xff), resolve))
  }
  sender.end()
  while (pair.server.bufferedBytes < FRAMES - 100) await new Promise((resolve) => setImmediate(resolve))
  // An entry of its own for each frame would take several hundred bytes.
  expect(heldBytes() - before).toBeLessThan(100 * FRAMES)
  receiver.removeAllListeners('readable')
  let at = 0
  receiver.on('data', (chunk: Uint8Array) => {
    for (const byte of chunk) expect(byte).toBe(at++ & 0xff)
  })
  receiver.resume()
  await once(receiver, 'end')
  expect(at).toBe(FRAMES)
})
