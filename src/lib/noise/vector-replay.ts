/**
 * Replays one Noise vector in both roles: each message is written by its sender and compared, then read by the
 * other side and compared; afterwards handshake hash, split keys and transport messages.
 */
import { AivError, EMPTY, equal, isAivError } from '../core/index.ts'
import type { CryptoProvider } from '../crypto/index.ts'
import { CipherState } from './cipher-state.ts'
import { DH_BYTES } from './constants.ts'
import { createHandshake } from './handshake.ts'
import type { Handshake, HandshakeOptions, Role } from './options.ts'
import { parseProtocol } from './protocol.ts'
import type { NoiseVector, VectorMessage, VectorParty } from './vector-format.ts'

/** Which implementation plays which side. */
export interface ReplayProviders {
  readonly initiator: CryptoProvider
  readonly responder: CryptoProvider
}

function expectEqual(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (!equal(actual, expected)) throw new AivError('E_VECTORS_FAILED', `${what} differs from the vector`)
}

interface Side {
  readonly handshake: Handshake
  readonly provider: CryptoProvider
}

/** The side that writes the first message, and the other. */
type Sides = readonly [Side, Side]

function start(
  protocol: string,
  role: Role,
  party: VectorParty,
  provider: CryptoProvider,
  changes: Partial<HandshakeOptions> = {},
): Side {
  const { x25519 } = provider
  const handshake = createHandshake({
    protocol,
    role,
    provider,
    prologue: party.prologue,
    staticKey: party.staticKey && x25519.fromPrivate(party.staticKey),
    ephemeralKey: party.ephemeralKey && x25519.fromPrivate(party.ephemeralKey),
    remoteStatic: party.remoteStatic,
    kemSeed: party.kemSeed,
    kemMessage: party.kemMessage,
    psks: party.psks,
    ...changes,
  })
  return { handshake, provider }
}

function startBoth(
  { initiator, responder }: NoiseVector,
  protocol: string,
  providers: ReplayProviders,
): Sides {
  return [
    start(protocol, 'initiator', initiator, providers.initiator),
    start(protocol, 'responder', responder, providers.responder),
  ]
}

/** Plays the first message, which must fail, and starts the fallback, in which the other side writes first. */
function fallBack(vector: NoiseVector, failedProtocol: string, providers: ReplayProviders): Sides {
  const { initiator, responder } = vector
  const first = vector.messages[0] as VectorMessage
  const [writer, reader] = startBoth(vector, failedProtocol, providers)
  expectEqual(writer.handshake.writeMessage(first.payload), first.ciphertext, 'message 0')
  try {
    reader.handshake.readMessage(first.ciphertext)
  } catch (error) {
    if (!isAivError(error, 'E_AUTHENTICATION')) throw error
    const remoteEphemeral = first.ciphertext.slice(0, DH_BYTES)
    return [
      start(vector.protocol, 'initiator', responder, providers.responder, { remoteEphemeral }),
      start(vector.protocol, 'responder', initiator, providers.initiator, { remoteStatic: undefined }),
    ]
  }
  throw new AivError('E_VECTORS_FAILED', 'message 0 opened although the vector falls back')
}

interface Transport {
  readonly h: Uint8Array
  readonly sending: CipherState
  readonly receiving: CipherState
}

/** Splits one side and compares what the vector states of it. The first writer sends under k1. */
function openTransport(
  { handshake, provider }: Side,
  isFirstWriter: boolean,
  vector: NoiseVector,
): Transport {
  const { h, k1, k2 } = handshake.split()
  for (const [what, actual, expected] of [
    ['handshake_hash', h, vector.handshakeHash],
    ['split_k1', k1, vector.k1],
    ['split_k2', k2, vector.k2],
  ] as const)
    if (expected !== undefined) expectEqual(actual, expected, what)
  const cipher = (key: Uint8Array): CipherState => new CipherState(provider.chacha20poly1305, key)
  return isFirstWriter
    ? { h, sending: cipher(k1), receiving: cipher(k2) }
    : { h, sending: cipher(k2), receiving: cipher(k1) }
}

/**
 * @throws AivError `E_VECTORS_FAILED` at the first difference, or whatever code a malformed vector provokes
 */
export function replayVector(vector: NoiseVector, providers: ReplayProviders): void {
  const { protocol, failedProtocol, messages } = vector
  const isOneWay = parseProtocol(protocol).pattern.messages.length === 1
  const sides =
    failedProtocol === undefined
      ? startBoth(vector, protocol, providers)
      : fallBack(vector, failedProtocol, providers)

  let index = failedProtocol === undefined ? 0 : 1
  let [writer, reader] = sides
  for (; !writer.handshake.complete; index++) {
    const message = messages[index]
    if (message === undefined) throw new AivError('E_MALFORMED', 'the vector ends before its handshake')
    expectEqual(writer.handshake.writeMessage(message.payload), message.ciphertext, `message ${index}`)
    expectEqual(reader.handshake.readMessage(message.ciphertext), message.payload, `payload ${index}`)
    ;[writer, reader] = [reader, writer]
  }

  const first = openTransport(sides[0], true, vector)
  const second = openTransport(sides[1], false, vector)
  expectEqual(first.h, second.h, 'the handshake hash of one side')
  let [sender, receiver] = isOneWay || writer === sides[0] ? [first, second] : [second, first]
  for (const { payload, ciphertext } of messages.slice(index)) {
    expectEqual(sender.sending.encryptWithAd(EMPTY, payload), ciphertext, `message ${index}`)
    expectEqual(receiver.receiving.decryptWithAd(EMPTY, ciphertext), payload, `payload ${index}`)
    if (!isOneWay) [sender, receiver] = [receiver, sender]
    index++
  }
}
