/** Asking authorities: bounded in time and in what is read. */
import { AivError, join } from '../../../core/index.ts'
import { ANSWER_MOST, CBOR_TYPE, PATH_PREFIX, REQUEST_MS } from './constants.ts'

/**
 * @param url base of an authority
 * @param path without the prefix
 * @returns undefined when it has none
 * @throws AivError `E_UNREACHABLE`, `E_TOO_LARGE`
 */
export async function askAuthority(
  url: string,
  path: string,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const response = await request(url, path, {}, signal)
  if (response.status === 404) {
    await response.body?.cancel()
    return undefined
  }
  const body = await bodyOf(response)
  if (!response.ok) throw unreachable(url, `it answered ${response.status}`)
  return body
}

/**
 * @returns what the authority found wrong; undefined when it accepted
 * @throws AivError `E_UNREACHABLE`
 */
export async function tellAuthority(
  url: string,
  path: string,
  body: Uint8Array,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const init = { method: 'POST', body: new Uint8Array(body), headers: { 'Content-Type': CBOR_TYPE } }
  const response = await request(url, path, init, signal)
  const answer = new TextDecoder().decode(await bodyOf(response))
  return response.ok ? undefined : answer.trim()
}

async function request(
  url: string,
  path: string,
  init: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const timeout = AbortSignal.timeout(REQUEST_MS)
  try {
    return await fetch(`${url.replace(/\/$/, '')}${PATH_PREFIX}/${path}`, {
      ...init,
      // An answer from elsewhere would not be of the authority that was asked.
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    })
  } catch (cause) {
    throw unreachable(url, 'it does not answer', cause)
  }
}

async function bodyOf(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.length
      if (length > ANSWER_MOST) throw new AivError('E_TOO_LARGE', 'the answer is too long')
      chunks.push(chunk)
    }
  } catch (cause) {
    throw cause instanceof AivError ? cause : unreachable(response.url, 'it broke off', cause)
  }
  return join(chunks)
}

function unreachable(url: string, why: string, cause?: unknown): AivError {
  return new AivError('E_UNREACHABLE', `the authority at ${url} cannot be asked: ${why}`, { cause })
}
