/** A hello, read, and where it was seen. */
import { isAivError } from '../../../core/index.ts'
import type { HelloTransport } from '../../fingerprint/ja4.ts'
import { CLIENT_HELLO, HANDSHAKE_HEADER_BYTES } from '../../handshake-header.ts'
import { type ClientHello, parseClientHello } from '../../hello/client-hello.ts'
import { parseServerHello, type ServerHello } from '../../hello/server-hello.ts'

/** Where a hello came from; nothing where the input does not say. */
export interface Place {
  /** `address:port`, an IPv6 address in brackets. */
  readonly src?: string
  readonly dst?: string
  /** Of the packet that completed it, from 1. */
  readonly packet?: number
}

interface Carried {
  readonly transport: HelloTransport
  /** The whole message with its 4-byte header, as it was sent. */
  readonly message: Uint8Array
}

export type FoundHello = Place &
  Carried &
  (
    | { readonly kind: 'client'; readonly hello: ClientHello }
    | { readonly kind: 'server'; readonly hello: ServerHello }
  )

/**
 * @param message ClientHello or ServerHello with its 4-byte header
 * @returns undefined when it is malformed
 */
export function readHello(
  message: Uint8Array,
  transport: HelloTransport,
  place: Place,
): FoundHello | undefined {
  const body = message.subarray(HANDSHAKE_HEADER_BYTES)
  try {
    return message[0] === CLIENT_HELLO
      ? { ...place, transport, message, kind: 'client', hello: parseClientHello(body, transport === 'dtls') }
      : { ...place, transport, message, kind: 'server', hello: parseServerHello(body) }
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED')) return undefined
    throw error
  }
}
