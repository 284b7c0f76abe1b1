/** Two sessions that are joined, or one that is joined to a client by hand. */
import { ManualClock } from '../../../src/lib/core/index.ts'
import { buildPing, FRAME } from '../../../src/lib/htx/frames/index.ts'
import type { HtxSession, HtxStream } from '../../../src/lib/htx/index.ts'
import { connectTo, type Running, START_MS, startListener, until } from './endpoints.ts'
import { HandClient } from './hand-client.ts'

export interface Joined extends Running {
  readonly clock: ManualClock
  readonly client: HtxSession
  readonly server: HtxSession
}

export async function join(options: Parameters<typeof startListener>[0] = {}): Promise<Joined> {
  const clock = new ManualClock(START_MS)
  const running = { ...(await startListener({ ...options, clock })), clock }
  const client = await connectTo(running)
  await until(() => running.sessions.length === 1, 'the session')
  return { ...running, client, server: running.sessions[0] as HtxSession }
}

/** A session with a client that says only what the test says. */
export async function joinByHand(
  options: Parameters<typeof startListener>[0] = {},
): Promise<Joined & { readonly hand: HandClient }> {
  const clock = new ManualClock(START_MS)
  const running = { ...(await startListener({ ...options, clock })), clock }
  const hand = await HandClient.open(running.listener.address)
  await until(() => running.sessions.length === 1, 'the session')
  const server = running.sessions[0] as HtxSession
  return { ...running, client: server, server, hand }
}

/** Answers the PINGs that have come. */
export function answerPings(hand: HandClient): void {
  for (const frame of hand.read())
    if (frame.kind === 'ping' && !frame.reply)
      hand.write(hand.seal(FRAME.PING, undefined, buildPing(true, frame.token)))
  hand.frames.length = 0
}

/** The errors of a stream, in order, and whether it has closed. */
export function watchStream(stream: HtxStream): { readonly errors: Error[]; closed: boolean } {
  const seen = { errors: [] as Error[], closed: false }
  stream.on('error', (error) => seen.errors.push(error))
  stream.on('close', () => {
    seen.closed = true
  })
  return seen
}
