/** The acceptor's side of a service (section 12.1): reads the header, finds who serves it, refuses the rest. */
import { AivError, type CborMap, isAivError, type TimerClock } from '../../core/index.ts'
import { CODE } from '../codes.ts'
import type { HtxSession } from '../endpoint/htx-session.ts'
import type { HtxStream } from '../endpoint/htx-stream.ts'
import { ByteReader } from './byte-reader.ts'
import { HEADER_DEADLINE_MS, NAME_MOST, PARAMS_MOST } from './constants.ts'
import { encodeStatus, parseServiceHeader, type ServiceHeader, STATUS_OK, STATUS_REFUSED } from './header.ts'

export interface ServiceRequest {
  readonly session: HtxSession
  readonly stream: HtxStream
  /** Reads what follows the header. Call `release` to go on with the stream itself. */
  readonly reader: ByteReader
  readonly params: CborMap
  /** Resolves when the peer cannot come back to this stream: its session, or what continues it, is over. */
  readonly gone: Promise<unknown>
  /** Sends status 0. */
  accept(): void
}

/**
 * Serves one stream until it is done. Before `accept` it may throw `E_SERVICE_REFUSED`, whose message goes to the
 * peer; any other error aborts the stream.
 */
export type Service = (request: ServiceRequest) => Promise<void>

export interface AcceptOptions {
  readonly clock: TimerClock
  /** By service name. */
  readonly services: Readonly<Record<string, Service>>
  /** Errors of services, for the log of the operator. */
  readonly onError?: (error: Error, service: string) => void
}

/** Handles one stream of the peer. Never rejects. */
export async function acceptService(
  stream: HtxStream,
  session: HtxSession,
  options: AcceptOptions,
): Promise<void> {
  const reader = new ByteReader(stream)
  const cancel = options.clock.schedule(HEADER_DEADLINE_MS, () => stream.abort(CODE.IDLE))
  let header: ServiceHeader
  try {
    header = await reader.parse(parseServiceHeader, 1 + NAME_MOST + 8 + PARAMS_MOST)
  } catch (error) {
    session.chargeAbuse()
    if (!stream.destroyed) stream.abort(CODE.DENIED)
    if (error instanceof Error) options.onError?.(error, '')
    return
  } finally {
    cancel()
  }
  await runService({ session, stream, reader, gone: session.closed }, header, options)
}

/** Runs the service that a header names, or refuses it. Never rejects. */
export async function runService(
  request: Pick<ServiceRequest, 'session' | 'stream' | 'reader' | 'gone'>,
  { name, params }: ServiceHeader,
  options: Pick<AcceptOptions, 'services' | 'onError'>,
): Promise<void> {
  const { stream, reader } = request
  let accepted = false
  try {
    const service = Object.hasOwn(options.services, name) ? options.services[name] : undefined
    if (service === undefined) throw refusal(`service ${name} is not offered here`)
    await service({
      ...request,
      params,
      accept: () => {
        accepted = true
        stream.write(encodeStatus({ status: STATUS_OK, message: '' }))
      },
    })
  } catch (error) {
    if (!accepted && isAivError(error, 'E_SERVICE_REFUSED')) {
      // A stream that somebody reads by hand does not flow, and what nobody reads keeps it open.
      reader.release()
      refuse(stream, error.message)
      return
    }
    if (!stream.destroyed) stream.abort(CODE.INTERNAL_ERROR)
    if (error instanceof Error) options.onError?.(error, name)
  }
}

/** What a service throws before `accept` to say no. */
export function refusal(message: string): AivError {
  return new AivError('E_SERVICE_REFUSED', message)
}

/** Status 1, the message, FIN; what the peer still sends is not wanted. */
function refuse(stream: HtxStream, message: string): void {
  stream.end(encodeStatus({ status: STATUS_REFUSED, message }))
  stream.resume()
}
