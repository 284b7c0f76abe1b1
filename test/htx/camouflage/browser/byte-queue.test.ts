/** Bytes of a connection for code that asks for them. */
import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { ByteQueue } from '../../../../src/lib/htx/camouflage/browser/http1/byte-queue.ts'

async function destroyed(error?: Error): Promise<PassThrough> {
  const stream = new PassThrough()
  const over = finished(stream)
  stream.destroy(error)
  await expect(over).rejects.toThrow()
  return stream
}

describe('a queue of the bytes of a connection', () => {
  it('that broke before it was asked says so at once, and does not wait for the time-out', async () => {
    const stream = await destroyed(new Error('cut'))
    await expect(new ByteQueue(stream).next()).rejects.toThrow('cut')
  })

  it('that was let go of before has ended', async () => {
    await expect(new ByteQueue(await destroyed()).next()).resolves.toBeUndefined()
  })
})
