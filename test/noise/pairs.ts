/** Two ends of a handshake with all the keys their pattern asks for. */
import { SeededRandom, utf8 } from '../../src/lib/core/index.ts'
import { type CryptoProvider, loadNobleProvider, nodeProvider } from '../../src/lib/crypto/index.ts'
import {
  createHandshake,
  type Handshake,
  type HandshakeOptions,
  parseProtocol,
} from '../../src/lib/noise/index.ts'

export const nobleProvider: CryptoProvider = await loadNobleProvider()

/** The six suites of HTX. */
export const HTX_PROTOCOLS = [
  'Noise_XK_25519_ChaChaPoly_SHA256',
  'Noise_XKhfs_25519+MLKEM768_ChaChaPoly_SHA256',
  'Noise_NNpsk0_25519_ChaChaPoly_SHA256',
  'Noise_NNhfs+psk0_25519+MLKEM768_ChaChaPoly_SHA256',
  'Noise_XX_25519_ChaChaPoly_SHA256',
  'Noise_XXhfs_25519+MLKEM768_ChaChaPoly_SHA256',
] as const

/** Beside them: every kind of token in some other place. */
export const OTHER_PROTOCOLS = [
  'Noise_N_25519_ChaChaPoly_SHA256',
  'Noise_KK_25519_ChaChaPoly_BLAKE2s',
  'Noise_IK_25519_ChaChaPoly_BLAKE2s',
  'Noise_X1K1_25519_ChaChaPoly_SHA256',
  'Noise_XXpsk3_25519_ChaChaPoly_BLAKE2s',
  'Noise_IKhfs+psk0+psk2_25519+MLKEM768_ChaChaPoly_BLAKE2s',
] as const

export interface Pair {
  readonly initiator: Handshake
  readonly responder: Handshake
}

export interface PairSetup {
  readonly initiator: HandshakeOptions
  readonly responder: HandshakeOptions
}

/** Options for both ends, everything drawn from `seed`. */
export function setUp(protocol: string, seed: number, providers: readonly CryptoProvider[] = []): PairSetup {
  const random = new SeededRandom(seed)
  const { pattern } = parseProtocol(protocol)
  const [initiatorProvider = nodeProvider, responderProvider = initiatorProvider] = providers
  const initiatorStatic = initiatorProvider.x25519.generate(random)
  const responderStatic = responderProvider.x25519.generate(random)
  const psks = pattern.messages
    .flat()
    .filter((token) => token === 'psk')
    .map(() => random.bytes(32))
  const prologue = utf8('prologue')
  return {
    initiator: {
      protocol,
      role: 'initiator',
      prologue,
      psks,
      staticKey: initiatorStatic,
      remoteStatic: pattern.responderPreMessage.includes('s') ? responderStatic.publicKey : undefined,
      provider: initiatorProvider,
      random: new SeededRandom(seed + 1),
    },
    responder: {
      protocol,
      role: 'responder',
      prologue,
      psks,
      staticKey: responderStatic,
      remoteStatic: pattern.initiatorPreMessage.includes('s') ? initiatorStatic.publicKey : undefined,
      provider: responderProvider,
      random: new SeededRandom(seed + 2),
    },
  }
}

export function startPair(setup: PairSetup): Pair {
  return { initiator: createHandshake(setup.initiator), responder: createHandshake(setup.responder) }
}

/** Passes messages until both ends are done, or until `count` have passed; returns them. */
export function passMessages(
  { initiator, responder }: Pair,
  payload: Uint8Array,
  count = Infinity,
): Uint8Array[] {
  const messages: Uint8Array[] = []
  while (!initiator.complete && messages.length < count) {
    const [writer, reader] = initiator.myTurn ? [initiator, responder] : [responder, initiator]
    const message = writer.writeMessage(payload)
    reader.readMessage(message)
    messages.push(message)
  }
  return messages
}
