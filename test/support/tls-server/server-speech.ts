/** Honest hellos and extensions of a server (RFC 8446 sections 4.1.3, 4.1.4 and 4.3.1). */
import { createHash, randomBytes } from 'node:crypto'
import type { ClientOffer } from './client-offer.ts'
import { extension, joined, MESSAGE_TYPE, message, number, vector } from './wire.ts'

const VERSION_13 = number(0x0304, 2)
const EXTENSION_TYPE = {
  alpn: 16,
  preSharedKey: 41,
  supportedVersions: 43,
  cookie: 44,
  keyShare: 51,
  encryptedClientHello: 0xfe0d,
} as const

/** What the random of a HelloRetryRequest is the hash of. */
const RETRY_RANDOM = createHash('sha256').update('HelloRetryRequest').digest()

export interface HelloChoice {
  readonly group: number
  readonly share: Uint8Array
  readonly isResumed: boolean
}

export function serverHello(
  offer: ClientOffer,
  suite: number,
  { group, share, isResumed }: HelloChoice,
): Uint8Array {
  return hello(offer, suite, randomBytes(32), [
    extension(EXTENSION_TYPE.supportedVersions, VERSION_13),
    extension(EXTENSION_TYPE.keyShare, number(group, 2), vector(2, share)),
    ...(isResumed ? [extension(EXTENSION_TYPE.preSharedKey, number(0, 2))] : []),
  ])
}

export function retryRequest(
  offer: ClientOffer,
  suite: number,
  { group, cookie }: { readonly group?: number; readonly cookie?: Uint8Array },
): Uint8Array {
  return hello(offer, suite, RETRY_RANDOM, [
    extension(EXTENSION_TYPE.supportedVersions, VERSION_13),
    ...(group === undefined ? [] : [extension(EXTENSION_TYPE.keyShare, number(group, 2))]),
    ...(cookie === undefined ? [] : [extension(EXTENSION_TYPE.cookie, vector(2, cookie))]),
  ])
}

export function encryptedExtensions(
  alpn: string | undefined,
  settingsType: number | undefined,
  retryConfigs: Uint8Array | undefined,
): Uint8Array {
  const settings = settingsType === undefined ? [] : [extension(settingsType, Buffer.from('settings'))]
  const configs =
    retryConfigs === undefined ? [] : [extension(EXTENSION_TYPE.encryptedClientHello, retryConfigs)]
  const chosen = alpn === undefined ? [] : [alpnExtension(alpn)]
  return message(MESSAGE_TYPE.encryptedExtensions, vector(2, ...chosen, ...settings, ...configs))
}

export function alpnExtension(...names: readonly string[]): Uint8Array {
  return extension(EXTENSION_TYPE.alpn, vector(2, ...names.map((name) => vector(1, Buffer.from(name)))))
}

function hello(
  { sessionId }: ClientOffer,
  suite: number,
  random: Uint8Array,
  extensions: readonly Uint8Array[],
): Uint8Array {
  const start = joined(number(0x0303, 2), random, vector(1, sessionId), number(suite, 2), Uint8Array.of(0))
  return message(MESSAGE_TYPE.serverHello, start, vector(2, ...extensions))
}
