/** Which keys a pattern asks for, checked before the handshake starts. */
import { AivError } from '../core/index.ts'
import { DH_BYTES, PSK_BYTES } from './constants.ts'
import type { HandshakeOptions } from './options.ts'
import type { NoiseProtocol } from './protocol.ts'

export const failure = (reason: string): AivError => new AivError('E_HANDSHAKE', reason)

export function held<T>(key: T | undefined, what: string): T {
  if (key === undefined) throw failure(`the Noise handshake lacks ${what}`)
  return key
}

/** A key that the pattern never uses is refused as well: a caller who pins one must not believe it was checked. */
export function checkKeys({ pattern }: NoiseProtocol, options: HandshakeOptions): void {
  const isInitiator = options.role === 'initiator'
  const [own, remote] = isInitiator
    ? [pattern.initiatorPreMessage, pattern.responderPreMessage]
    : [pattern.responderPreMessage, pattern.initiatorPreMessage]
  const ownMessages = pattern.messages.filter((_, i) => (i % 2 === 0) === isInitiator)
  if (own.includes('s') || ownMessages.some((message) => message.includes('s')))
    held(options.staticKey, 'a static key')
  if (own.includes('e')) held(options.ephemeralKey, 'its earlier ephemeral key')

  for (const [token, key, what] of [
    ['s', options.remoteStatic, 'static'],
    ['e', options.remoteEphemeral, 'ephemeral'],
  ] as const) {
    if (remote.includes(token) !== (key !== undefined))
      throw failure(`this Noise pattern and the presence of a remote ${what} key do not agree`)
    if (key !== undefined && key.length !== DH_BYTES)
      throw new AivError('E_CRYPTO', `the remote ${what} key is not ${DH_BYTES} bytes long`)
  }

  const pskCount = pattern.messages.flat().filter((token) => token === 'psk').length
  const psks = options.psks ?? []
  if (psks.length !== pskCount) throw failure(`this Noise pattern takes ${pskCount} pre-shared keys`)
  if (psks.some((psk) => psk.length !== PSK_BYTES))
    throw new AivError('E_CRYPTO', `a pre-shared key is not ${PSK_BYTES} bytes long`)
}
