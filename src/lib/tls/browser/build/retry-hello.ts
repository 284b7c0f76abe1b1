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

/**
 * Without padding, which depends on the length. Everything else stays as it was, GREASE and the noise of ECH included: BoringSSL keeps the order that it drew, in which
 * cookie has a place of its own that nobody saw before.
 */
export function retryHello(
  hello: ClientHello,
  { keyShare, cookie }: RetryWish,
  random: RandomSource,
): ClientHello {
  const extensions = (hello.extensions ?? [])
    .filter(({ type }) => type !== EXTENSION.earlyData && type !== EXTENSION.padding)
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

/** Between the two extensions of GREASE; before pre_shared_key where there are none. */
function shuffledRange(extensions: readonly Extension[]): readonly [number, number] {
  const first = extensions.findIndex(({ type }) => isGrease(type))
  const last = extensions.findLastIndex(({ type }) => isGrease(type))
  if (first !== last) return [first + 1, last]
  const end = extensions.findIndex(({ type }) => type === EXTENSION.preSharedKey)
  return [end < 0 ? extensions.length : end, end < 0 ? extensions.length : end]
}
