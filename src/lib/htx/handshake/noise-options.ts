/** The options of the Noise handshake that both roles fill alike. */
import { type CryptoProvider, nodeProvider, type X25519KeyPair } from '../../crypto/index.ts'
import type { HandshakeOptions } from '../../noise/index.ts'
import type { HandshakeRandomness } from './result.ts'
import type { Suite } from './suites.ts'

export interface CommonNoiseInputs {
  readonly staticKey?: X25519KeyPair
  readonly recorded?: HandshakeRandomness
  readonly provider?: CryptoProvider
}

export function noiseOptions(suite: Suite, inputs: CommonNoiseInputs): Partial<HandshakeOptions> {
  const { staticKey, recorded, provider } = inputs
  const x25519 = (provider ?? nodeProvider).x25519
  return {
    ...(provider === undefined ? {} : { provider }),
    ...(suite.pattern === 'NN' || staticKey === undefined ? {} : { staticKey }),
    ...(recorded?.ephemeralPrivate === undefined
      ? {}
      : { ephemeralKey: x25519.fromPrivate(recorded.ephemeralPrivate) }),
    ...(recorded?.kemSeed === undefined ? {} : { kemSeed: recorded.kemSeed }),
    ...(recorded?.kemMessage === undefined ? {} : { kemMessage: recorded.kemMessage }),
  }
}
