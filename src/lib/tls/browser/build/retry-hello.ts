/** The second hello, after a HelloRetryRequest (RFC 8446 section 4.1.2): the first one with what the server asked for. */
import { type RandomSource, uniformInt } from '../../../core/index.ts'
import type { ClientHello, Extension } from '../../hello/client-hello.ts'
import { EXTENSION } from '../../hello/extensions.ts'
import { isGrease } from '../../hello/grease.ts'

export interface RetryWish {
  /** The body of key_share with the one share that was asked for; absent when the server only gave a cookie. */
  readonly keyShare?: Uint8Array
  /** The body of cookie, as it came. */
  readonly cookie?: Uint8Array
}

/** The server has refused early data; the others depend on what is new. */
const REMADE: readonly number[] = [EXTENSION.earlyData, EXTENSION.padding, EXTENSION.preSharedKey]

/**
 * Without padding and pre_shared_key, which come last. Everything else stays as it was, GREASE and the noise of ECH
 * included: BoringSSL keeps the order that it drew, in which cookie has a place that nobody saw before.
 */
export function retryHello(
  hello: ClientHello,
  { keyShare, cookie }: RetryWish,
  random: RandomSource,
): ClientHello {
  const extensions = (hello.extensions ?? [])
    .filter(({ type }) => !REMADE.includes(type))
    .map((extension) =>
      extension.type === EXTENSION.keyShare && keyShare !== undefined
        ? { ...extension, body: keyShare }
        : extension,
    )
  if (cookie === undefined) return { ...hello, extensions }
  const [first, last] = shuffledRange(extensions)
  const at = uniformInt(random, first, last)
  return { ...hello, extensions: extensions.toSpliced(at, 0, { type: EXTENSION.cookie, body: cookie }) }
}

/** Between the two extensions of GREASE; at the end where there are none. */
function shuffledRange(extensions: readonly Extension[]): readonly [number, number] {
  const first = extensions.findIndex(({ type }) => isGrease(type))
  const last = extensions.findLastIndex(({ type }) => isGrease(type))
  return first === last ? [extensions.length, extensions.length] : [first + 1, last]
}
