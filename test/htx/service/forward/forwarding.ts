/** Two sides joined in memory: one offers the forwarding services, the other uses them. */
import { onTestFinished } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import {
  AccessList,
  acceptService,
  forwardServices,
  type HtxSession,
  parsePermit,
} from '../../../../src/lib/htx/index.ts'
import type { Resolve } from '../../../../src/lib/htx/service/forward/names/system-resolve.ts'
import { StreamPair } from '../../../support/stream-pair.ts'

export interface Forwarding {
  readonly pair: StreamPair
  readonly client: HtxSession
  readonly clock: ManualClock
  readonly access: AccessList
  /** What the services reported. */
  readonly errors: Error[]
}

export interface ForwardingOptions {
  readonly resolve?: Resolve
  readonly maxStreams?: number
  /** Id of the client. */
  readonly peer?: string
}

/** @param permit an entry of the access list; none when empty */
export function forwarding(
  permit: string,
  { maxStreams, peer = 'the client', ...options }: ForwardingOptions = {},
): Forwarding {
  const clock = new ManualClock()
  const pair = new StreamPair({
    clock,
    peers: { client: peer, server: 'the server' },
    ...(maxStreams === undefined ? {} : { parameters: { maxStreams } }),
  })
  const access = new AccessList(permit === '' ? [] : parsePermit(permit))
  const services = forwardServices({ access, clock, ...options })
  const errors: Error[] = []
  const onError = (error: Error): void => void errors.push(error)
  pair.server.onStream((stream) => void acceptService(stream, pair.server, { clock, services, onError }))
  onTestFinished(() => pair.cut())
  return { pair, client: pair.client, clock, access, errors }
}

/** Closes with the test. */
export function closing<T extends { close(): void }>(closable: T): T {
  onTestFinished(() => closable.close())
  return closable
}
