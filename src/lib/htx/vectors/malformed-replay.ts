/** Replays handshake messages and frames whose outcome is prescribed: accept, silence, ERROR, close, CLOSE with a code. */
import { EMPTY, isAivError, ManualClock, readU16, SeededRandom, toHex } from '../../core/index.ts'
import { peerIdOf, verifyCertificate } from '../../identity/index.ts'
import { CODE, ProtocolViolation } from '../codes.ts'
import { FEATURE, MAX_FRAME_DEFAULT, VERSION_1_1 } from '../constants.ts'
import { FrameOpener, UnauthenticatedFrame } from '../frames/index.ts'
import {
  type HandshakeRandomness,
  HandshakeReader,
  Initiator,
  type LocalHello,
  Responder,
} from '../handshake/index.ts'
import { type Direction, DirectionKeys } from '../keys/direction.ts'
import { ABSENT_PARAMETERS, Session } from '../session/index.ts'
import { type ReplayContext, replayContext } from './context.ts'
import { bytes, expectBytes, expectEqual, integer, optionalBytes, text, type Vector } from './fields.ts'

const ALL_FEATURES = FEATURE.RESUMPTION | FEATURE.PRIORITIES | FEATURE.IDLE_PADDING | FEATURE.WINDOW_GROWTH
const HELLO: LocalHello = { versions: [VERSION_1_1], features: ALL_FEATURES, parameters: ABSENT_PARAMETERS }

/** @throws Error when the outcome is another than the vector's */
export async function replayMalformed(vector: Vector): Promise<void> {
  const kind = text(vector, 'kind')
  const outcome = text(vector, 'outcome')
  switch (kind) {
    case 'message-1':
      expectEqual('outcome', await outcomeOfMessage1(vector), outcome)
      return
    case 'message-2':
      expectEqual('outcome', await outcomeOfMessage2(vector), outcome)
      return
    case 'message-3':
      expectEqual('outcome', await outcomeOfMessage3(vector), outcome)
      return
    case 'frame':
      expectEqual('outcome', outcomeOfFrame(vector), outcome)
      return
    default:
      throw new Error(`kind ${kind} is unknown`)
  }
}

async function outcomeOfMessage1(vector: Vector): Promise<string> {
  const context = await replayContext(vector)
  const responder = responderFor(vector, context)
  const body = bodyOf(bytes(vector, 'wire_message_1'))
  if (body === undefined || responder.inspect(body) === undefined || !responder.open()) return 'silence'
  const { error } = responder.reply()
  if (error === undefined) return 'accept'
  const payload = optionalBytes(vector, 'answer_payload')
  if (payload !== undefined) expectEqual('code of the answer', readU16(payload, 2), error)
  return `ERROR ${hexCode(error)}`
}

async function outcomeOfMessage2(vector: Vector): Promise<string> {
  const { suite, link, clock, provider } = await replayContext(vector)
  const initiator = new Initiator({
    suite: suite.id,
    link,
    hello: HELLO,
    clock,
    random: new SeededRandom(1),
    provider,
    staticKey: provider.x25519.fromPrivate(bytes(vector, 'initiator_static_private')),
    remoteStatic: bytes(vector, 'responder_static_public'),
    recorded: {
      ephemeralPrivate: bytes(vector, 'initiator_ephemeral_private'),
      payloads: [bytes(vector, 'hello_1')],
    },
  })
  initiator.start()
  try {
    const body = bodyOf(bytes(vector, 'wire_message_2'))
    if (body === undefined) return 'close'
    const { certificate, remoteStatic } = initiator.readMessage2(body)
    const verified = verifyCertificate(certificate ?? EMPTY, { staticKey: remoteStatic ?? EMPTY, clock })
    return verified.peer === peerIdOf(bytes(vector, 'expected_ed25519_public')) ? 'accept' : 'close'
  } catch (error) {
    if (isAivError(error)) return 'close'
    throw error
  }
}

async function outcomeOfMessage3(vector: Vector): Promise<string> {
  const context = await replayContext(vector)
  const responder = responderFor(vector, context, {
    ephemeralPrivate: bytes(vector, 'responder_ephemeral_private'),
    payloads: [undefined, bytes(vector, 'hello_2')],
  })
  const body = bodyOf(bytes(vector, 'wire_message_1'))
  if (body === undefined || responder.inspect(body) === undefined || !responder.open()) {
    throw new Error('message 1 of the vector is not accepted')
  }
  expectBytes('message 2', responder.reply().message2, bytes(vector, 'wire_message_2'))
  const message3 = bodyOf(bytes(vector, 'wire_message_3'))
  if (message3 === undefined) return 'close'
  try {
    const read = responder.readMessage3(message3)
    if ('closeCode' in read) return `CLOSE ${hexCode(read.closeCode)}`
    const staticKey = responder.remoteStatic ?? EMPTY
    verifyCertificate(read.certificate, { staticKey, clock: context.clock })
    return 'accept'
  } catch (error) {
    if (isAivError(error, 'E_CERTIFICATE')) return `CLOSE ${hexCode(CODE.AUTH_FAILED)}`
    if (isAivError(error)) return 'close'
    throw error
  }
}

function responderFor(
  vector: Vector,
  { link, clock, provider }: ReplayContext,
  recorded: HandshakeRandomness = {},
): Responder {
  return new Responder({
    link,
    hello: HELLO,
    clock,
    random: new SeededRandom(1),
    provider,
    recorded,
    staticKey: provider.x25519.fromPrivate(bytes(vector, 'responder_static_private')),
    certificate: new Uint8Array(145),
    pq: 'prefer',
    firstContact: false,
  })
}

/** The frame meets a fresh session of the receiving role. */
function outcomeOfFrame(vector: Vector): string {
  const direction = text(vector, 'direction') as Direction
  const keys = (): DirectionKeys =>
    DirectionKeys.recorded(
      direction,
      bytes(vector, 'key'),
      bytes(vector, 'nonce_salt'),
      integer(vector, 'counter'),
    )
  if (vector.before_decryption === true) return outcomeOfHeader(bytes(vector, 'frame'), keys())
  const clock = new ManualClock()
  let done = false
  const session = new Session(
    {
      role: direction === 'c' ? 'server' : 'client',
      clock,
      random: new SeededRandom(1),
      directions: {
        receive: keys(),
        send: new DirectionKeys(direction === 'c' ? 's' : 'c', new Uint8Array(32), EMPTY),
      },
      local: { ...ABSENT_PARAMETERS, maxFrame: MAX_FRAME_DEFAULT },
      remote: ABSENT_PARAMETERS,
      features: ALL_FEATURES,
      initialPing: false,
    },
    {
      stream: () => {},
      output: () => {},
      end: () => {},
      linkDone: () => {
        done = true
      },
    },
  )
  session.receive(bytes(vector, 'frame'))
  const { end } = session
  if (end === undefined) return 'accept'
  if (end.cause === 'unauthenticated') {
    expectEqual('bytes sent', session.pull(1, []), 0)
    expectEqual('the link before the delay', done, false)
    return 'close'
  }
  return `CLOSE ${hexCode(end.code)}`
}

/** A fault that the header shows must be found before the ciphertext has come. */
function outcomeOfHeader(header: Uint8Array, keys: DirectionKeys): string {
  const opener = new FrameOpener(keys, MAX_FRAME_DEFAULT)
  opener.push(header)
  try {
    opener.next()
  } catch (error) {
    if (error instanceof ProtocolViolation) return `CLOSE ${hexCode(error.closeCode)}`
    if (error instanceof UnauthenticatedFrame) return 'close'
    throw error
  }
  return 'accept'
}

function bodyOf(wireMessage: Uint8Array): Uint8Array | undefined {
  const reader = new HandshakeReader()
  reader.push(wireMessage)
  try {
    return reader.next()
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED')) return undefined
    throw error
  }
}

function hexCode(code: number): string {
  return `0x${toHex(Uint8Array.of(code >>> 8, code & 0xff))}`
}
