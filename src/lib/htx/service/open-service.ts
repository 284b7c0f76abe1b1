/** The opener's side of a service (section 12.1). */
import { AivError, type CborMap } from '../../core/index.ts'
import type { HtxSession } from '../endpoint/htx-session.ts'
import type { HtxStream } from '../endpoint/htx-stream.ts'
import { ByteReader } from './byte-reader.ts'
import { MESSAGE_MOST } from './constants.ts'
import { encodeServiceHeader, parseStatus, STATUS_OK } from './header.ts'

export interface OpenedService {
  readonly stream: HtxStream
  /** Reads what follows the status. Call `release` to go on with the stream itself. */
  readonly reader: ByteReader
}

export interface OpenServiceOptions {
  /** Share of the link, 1..255. */
  readonly weight?: number
  readonly signal?: AbortSignal
}

/**
 * Opens a stream, names the service and waits for the acceptor's status.
 * @throws AivError `E_SERVICE_REFUSED` with the acceptor's message; what opening and reading throw
 */
export async function openService(
  session: HtxSession,
  name: string,
  params: CborMap = {},
  options: OpenServiceOptions = {},
): Promise<OpenedService> {
  const header = encodeServiceHeader({ name, params })
  const stream = session.openStream(options.weight)
  const { signal } = options
  const onAbort = (): void => {
    stream.destroy(new AivError('E_ABORTED', `the request for service ${name} was given up`))
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal?.aborted === true) onAbort()
    else stream.write(header)
    const reader = new ByteReader(stream)
    await readStatus(stream, reader, name)
    return { stream, reader }
  } catch (error) {
    if (!stream.destroyed && !stream.writableEnded) stream.destroy()
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

/**
 * Reads the acceptor's status.
 * @throws AivError `E_SERVICE_REFUSED` with its message; what reading throws
 */
export async function readStatus(stream: HtxStream, reader: ByteReader, name: string): Promise<void> {
  const { status, message } = await reader.parse(parseStatus, MESSAGE_MOST + 16)
  if (status === STATUS_OK) return
  reader.release()
  stream.end()
  stream.resume()
  throw new AivError('E_SERVICE_REFUSED', `the peer refused service ${name}: ${message}`)
}

/** Like `openService`, for services whose bytes are raw from here on. */
export async function openRawService(
  session: HtxSession,
  name: string,
  params: CborMap = {},
  options: OpenServiceOptions = {},
): Promise<HtxStream> {
  const { stream, reader } = await openService(session, name, params, options)
  reader.release()
  return stream
}
