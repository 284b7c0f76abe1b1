/** Reads responses of HTTP/1.1 off a connection (RFC 9112 sections 6 and 7), bounded everywhere. */
import { AivError } from '../../../../core/index.ts'
import type { ByteQueue } from './byte-queue.ts'
import { ChunkedBody } from './chunked-body.ts'
import { HEAD_MOST_BYTES, listedIn, notHttp, parseResponseHead, type ResponseHead } from './response-head.ts'

/** Answers that only announce another one, such as early hints, that are borne in a row. */
const INTERIM_MOST = 8
const HEAD_END = '\r\n\r\n'
const SWITCHING_PROTOCOLS = 101

/**
 * The head of the next response that is not a mere announcement.
 * @throws AivError `E_HANDSHAKE`
 */
export async function readHead(queue: ByteQueue): Promise<ResponseHead> {
  for (let interim = 0; interim <= INTERIM_MOST; interim++) {
    const head = parseResponseHead(await headBytes(queue))
    if (head.status >= 200 || head.status === SWITCHING_PROTOCOLS) return head
  }
  throw notHttp('it announces an answer over and over')
}

async function headBytes(queue: ByteQueue): Promise<Uint8Array> {
  const held = new Uint8Array(HEAD_MOST_BYTES)
  let length = 0
  for (;;) {
    const bytes = await queue.more()
    const part = bytes.subarray(0, HEAD_MOST_BYTES - length)
    held.set(part, length)
    const searchedFrom = Math.max(0, length - HEAD_END.length + 1)
    length += part.length
    const view = Buffer.from(held.buffer, 0, length)
    const end = view.indexOf(HEAD_END, searchedFrom, 'latin1')
    if (end >= 0) {
      queue.putBack(bytes.subarray(part.length - (length - end - HEAD_END.length)))
      return held.subarray(0, end)
    }
    if (length === HEAD_MOST_BYTES) throw notHttp(`its head is longer than ${HEAD_MOST_BYTES} bytes`)
  }
}

/**
 * Reads the body to its end and drops it.
 * @param most bytes
 * @returns whether the connection can carry another request
 * @throws AivError `E_HANDSHAKE`, `E_TOO_LARGE`
 */
export async function skipBody(queue: ByteQueue, head: ResponseHead, most: number): Promise<boolean> {
  const { status, minorVersion } = head
  const staysOpen = minorVersion === 1 && !listedIn(head, 'connection').includes('close')
  if (status === 204 || status === 304) return staysOpen
  const codings = listedIn(head, 'transfer-encoding')
  const length = contentLength(head)
  // Two readings of where an answer ends are how requests are smuggled.
  if (codings.length > 0 && length !== undefined) throw notHttp('it gives two lengths')
  if (codings.length > 0) {
    if (codings.length > 1 || codings[0] !== 'chunked') throw notHttp('its transfer coding is unknown')
    await skipChunks(queue, most)
    return staysOpen
  }
  await skipBytes(queue, length, most)
  return staysOpen && length !== undefined
}

function contentLength({ fields }: ResponseHead): number | undefined {
  const [first, ...others] = fields.get('content-length') ?? []
  if (first === undefined) return undefined
  if (!/^[0-9]{1,15}$/.test(first) || others.some((other) => other !== first))
    throw notHttp('its length is in no form')
  return Number(first)
}

async function skipChunks(queue: ByteQueue, most: number): Promise<void> {
  const body = new ChunkedBody()
  while (!body.isDone) {
    queue.putBack(body.push(await queue.more()))
    if (body.bytes > most) throw tooLarge(most)
  }
}

/** @param length undefined until the end of the connection */
async function skipBytes(queue: ByteQueue, length: number | undefined, most: number): Promise<void> {
  if ((length ?? 0) > most) throw tooLarge(most)
  let left = length ?? most
  while (left > 0) {
    const bytes = length === undefined ? await queue.next() : await queue.more()
    if (bytes === undefined) return
    queue.putBack(bytes.subarray(left))
    left -= Math.min(left, bytes.length)
  }
  if (length === undefined) throw tooLarge(most)
}

function tooLarge(most: number): AivError {
  return new AivError('E_TOO_LARGE', `the site answered with more than ${most} bytes`)
}
