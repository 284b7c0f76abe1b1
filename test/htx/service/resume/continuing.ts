/** A listener that continues services, and a client that keeps a session to it. */
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { TimerClock } from '../../../../src/lib/core/index.ts'
import {
  acceptService,
  Connector,
  type ConnectorOptions,
  type HtxSession,
  type HtxStream,
  openContinued,
  RESUME_SERVICE,
  ResumeAcceptor,
  type ResumeAcceptorOptions,
  type Service,
} from '../../../../src/lib/htx/index.ts'
import { CLIENT, freePlace, LIVE_CLOCK, type Running, startListener } from '../../endpoint/endpoints.ts'

export interface Continuing extends Running {
  readonly acceptor: ResumeAcceptor
  readonly failed: string[]
  /** Connects to the listener, or to `addresses` that lead to it. */
  connector(options?: ConnectorOptions, addresses?: readonly string[]): Connector
  /** Opens a continued service. */
  open(connector: Connector, service?: string): Promise<HtxStream>
}

interface ListenerOptions {
  readonly place?: string
  readonly clock?: TimerClock
  readonly maxBufferedBytes?: number
}

/** Pauses that do not slow a test down. */
const BRIEF = { first: 4, most: 16 }

export async function continuing(
  services: Readonly<Record<string, Service>>,
  options: Partial<ResumeAcceptorOptions> & ListenerOptions = {},
): Promise<Continuing> {
  const { place = freePlace(), clock = LIVE_CLOCK, maxBufferedBytes, ...resume } = options
  const failed: string[] = []
  const onError = (error: Error): number => failed.push(error.message)
  const acceptor = new ResumeAcceptor({ clock, services, onError, ...resume })
  const offered = { ...services, [RESUME_SERVICE]: acceptor.service }
  const running = await startListener(
    {
      clock,
      ...(maxBufferedBytes === undefined ? {} : { maxBufferedBytes }),
      onStream: (stream, session) =>
        void acceptService(stream, session, { clock, services: offered, onError }),
    },
    place,
  )
  onTestFinished(() => acceptor.close())
  return {
    ...running,
    acceptor,
    failed,
    connector(connectorOptions = {}, addresses = [running.listener.address]) {
      const connector = new Connector(addresses, {
        backOff: BRIEF,
        clock,
        ...connectorOptions,
        connect: { identity: CLIENT, ...connectorOptions.connect },
      })
      onTestFinished(async () => await connector.close())
      return connector
    },
    async open(connector, service = 'echo') {
      const { stream } = await openContinued(connector, service, {}, { clock })
      return stream.on('error', () => {})
    },
  }
}

/** Writes everything, slowed down by the reader. */
export async function writeAll(stream: HtxStream, bytes: Uint8Array, piece = 65_536): Promise<void> {
  for (let at = 0; at < bytes.length; at += piece) {
    if (!stream.write(bytes.slice(at, at + piece))) await once(stream, 'drain')
  }
}

/** Reads to the end. @throws the error of the stream */
export async function readAll(stream: HtxStream): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return new Uint8Array(Buffer.concat(chunks))
}

/** Reads exactly `count` bytes. */
export async function readSome(stream: HtxStream, count: number): Promise<string> {
  let text = ''
  while (text.length < count) {
    const chunk = stream.read(Math.min(count - text.length, stream.readableLength)) as Buffer | null
    if (chunk === null || chunk.length === 0) await once(stream, 'readable')
    else text += chunk.toString('latin1')
  }
  return text
}

/** Cuts every session of a listener without a word. */
export function cut(sessions: readonly HtxSession[]): void {
  for (const session of sessions) session.abort()
}
