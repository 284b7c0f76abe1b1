/** Streams as both of their ends hold them. */
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { expect } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import type { HtxSession, HtxStream } from '../../../../src/lib/htx/index.ts'
import { connectTo, START_MS, startListener, until } from '../endpoints.ts'

export interface Pair {
  readonly client: HtxSession
  readonly server: HtxSession
  /** A stream of the client as both ends hold it; a byte has crossed, so that the peer knows it. */
  stream(): Promise<{ readonly ours: HtxStream; readonly theirs: HtxStream }>
}

export async function pair(options: Parameters<typeof startListener>[0] = {}): Promise<Pair> {
  const waiting: ((stream: HtxStream) => void)[] = []
  const running = await startListener({
    clock: new ManualClock(START_MS),
    onStream: (stream) => waiting.shift()?.(quiet(stream)),
    ...options,
  })
  const client = await connectTo(running)
  await until(() => running.sessions.length === 1, 'the session')
  return {
    client,
    server: running.sessions[0] as HtxSession,
    async stream() {
      const accepted = Promise.withResolvers<HtxStream>()
      waiting.push(accepted.resolve)
      const ours = quiet(client.openStream())
      ours.write('!')
      const theirs = await accepted.promise
      await once(theirs, 'readable')
      expect(String(theirs.read(1))).toBe('!')
      return { ours, theirs }
    },
  }
}

/** The session is cut when its test is over; what becomes of its streams then is no failure. */
export function quiet(stream: HtxStream): HtxStream {
  return stream.on('error', () => {})
}

export async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'end')
  return Buffer.concat(chunks)
}

/** The first error of a stream. */
export async function errorOf(stream: HtxStream): Promise<NodeJS.ErrnoException> {
  const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException]
  return error
}
