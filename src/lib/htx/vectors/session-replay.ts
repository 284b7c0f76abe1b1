/** Replays a whole recorded session byte for byte, in both roles: handshake, key schedule, every frame. */
import { concat, EMPTY, ManualClock } from '../../core/index.ts'
import { MAX_FRAME_MOST } from '../constants.ts'
import { buildKeyUpdate, FRAME, FrameOpener, FrameReader, FrameSealer, parseFrame } from '../frames/index.ts'
import { HandshakeReader, type HandshakeResult, Initiator, Responder } from '../handshake/index.ts'
import type { Direction, DirectionKeys } from '../keys/direction.ts'
import { helloOf, NO_RANDOM, type ReplayContext, replayContext, sideInputs } from './context.ts'
import {
  bytes,
  expectBytes,
  expectEqual,
  integer,
  list,
  object,
  optionalBytes,
  text,
  type Vector,
} from './fields.ts'
import { checkRecordedInputs, nonceFor } from './recorded-inputs.ts'

/** A rekey happens only where the recording has one. */
const NEVER = {
  bytes: Number.POSITIVE_INFINITY,
  frames: Number.POSITIVE_INFINITY,
  ms: Number.POSITIVE_INFINITY,
}

export async function replaySession(vector: Vector): Promise<void> {
  const context = await replayContext(vector)
  checkRecordedInputs(vector, context)
  const { client, server } = replayHandshake(vector, context)
  for (const [role, result] of [
    ['client', client],
    ['server', server],
  ] as const) {
    checkSecrets(vector, result, role)
  }
  const generations = recordedGenerations(vector)
  const wire: Record<Direction, Uint8Array[]> = { c: [], s: [] }
  replayFrames(vector, client, server, generations, wire)
  const toServer = [
    bytes(vector, 'wire_message_1'),
    optionalBytes(vector, 'wire_message_3') ?? EMPTY,
    ...wire.c,
  ]
  expectBytes('wire_client_to_server', concat(...toServer), bytes(vector, 'wire_client_to_server'))
  const toClient = [bytes(vector, 'wire_message_2'), ...wire.s]
  expectBytes('wire_server_to_client', concat(...toClient), bytes(vector, 'wire_server_to_client'))
}

interface BothSides {
  readonly client: HandshakeResult
  readonly server: HandshakeResult
}

function replayHandshake(vector: Vector, context: ReplayContext): BothSides {
  const { suite, link, clock, provider } = context
  const one = helloOf(bytes(vector, 'payload_1'), context, 1)
  const two = helloOf(bytes(vector, 'payload_2'), context, 2)
  const resume = vector.resume === undefined ? undefined : object(vector, 'resume')
  const psk = resume === undefined ? undefined : bytes(resume, 'psk')
  const accessTicket = optionalBytes(vector, 'access_ticket')
  const initiatorCertificate = optionalBytes(vector, 'id_cert_initiator')
  const remoteStatic =
    suite.pattern === 'XK' ? bytes(object(vector, 'responder'), 'static_public') : undefined
  const initiator = new Initiator({
    suite: suite.id,
    link,
    hello: one.hello,
    clock,
    random: NO_RANDOM,
    provider,
    ...sideInputs(vector, 'initiator', provider, [one.padLength, undefined, undefined]),
    ...(initiatorCertificate === undefined ? {} : { certificate: initiatorCertificate }),
    ...(remoteStatic === undefined ? {} : { remoteStatic }),
    ...(accessTicket === undefined ? {} : { accessTicket }),
    ...(resume === undefined
      ? {}
      : { resumption: { handle: bytes(resume, 'handle'), psk: psk as Uint8Array } }),
  })
  const { staticKey, recorded } = sideInputs(vector, 'responder', provider, [
    undefined,
    two.padLength,
    undefined,
  ])
  const responder = new Responder({
    link,
    hello: two.hello,
    clock,
    random: NO_RANDOM,
    provider,
    recorded,
    // The resumption suites have no static key; the responder never reaches for this one.
    staticKey: staticKey ?? provider.x25519.generate(),
    certificate: optionalBytes(vector, 'id_cert_responder') ?? EMPTY,
    pq: 'prefer',
    firstContact: true,
  })
  const message1 = initiator.start()
  expectBytes('message 1', message1, bytes(vector, 'wire_message_1'))
  const inspection = responder.inspect(bodyOf(message1))
  if (inspection === undefined) throw new Error('message 1 was not plausible to the responder')
  if (!responder.open(psk)) throw new Error('message 1 was not accepted by the responder')
  if (accessTicket !== undefined) expectBytes('access ticket', responder.accessTicket ?? EMPTY, accessTicket)
  const { message2 } = responder.reply()
  expectBytes('message 2', message2, bytes(vector, 'wire_message_2'))
  const { certificate } = initiator.readMessage2(bodyOf(message2))
  const expected = optionalBytes(vector, 'id_cert_responder')
  if (expected !== undefined) expectBytes('certificate of the responder', certificate ?? EMPTY, expected)
  const { message3, result: client } = initiator.finish()
  if (suite.messages === 3) {
    expectBytes('message 3', message3, bytes(vector, 'wire_message_3'))
    const read = responder.readMessage3(bodyOf(message3))
    if (!('certificate' in read)) throw new Error('message 3 was not accepted')
    expectBytes('certificate of the initiator', read.certificate, initiatorCertificate ?? EMPTY)
  }
  return { client, server: responder.finish() }
}

function checkSecrets(vector: Vector, { secrets }: HandshakeResult, role: 'client' | 'server'): void {
  const { send, receive } = secrets.directions
  const [client, server] = role === 'client' ? [send, receive] : [receive, send]
  expectBytes(`${role}: handshake hash`, secrets.handshakeHash, bytes(vector, 'handshake_hash'))
  const k0 = concat(client.exposeChainSecret(), server.exposeChainSecret())
  expectBytes(`${role}: K0`, k0, bytes(vector, 'K0'))
  expectBytes(
    `${role}: resumption secret`,
    secrets.resumption.expose() ?? EMPTY,
    bytes(vector, 'resumption_secret'),
  )
  const ticket = object(vector, 'new_ticket')
  expectBytes(
    `${role}: psk of the ticket`,
    secrets.resumption.pskFor(bytes(ticket, 'handle')),
    bytes(ticket, 'psk'),
  )
  const exporter = object(vector, 'application_exporter')
  expectBytes(`${role}: exporter master`, secrets.exporter.expose(), bytes(exporter, 'master'))
  const exported = secrets.exporter.export(
    text(exporter, 'label'),
    bytes(exporter, 'context'),
    integer(exporter, 'length'),
  )
  expectBytes(`${role}: exporter value`, exported, bytes(exporter, 'value'))
}

type Generations = ReadonlyMap<string, Vector>

function recordedGenerations(vector: Vector): Generations {
  return new Map(
    list(vector, 'keys').map((key) => [`${text(key, 'direction')}${integer(key, 'generation')}`, key]),
  )
}

function checkGeneration(keys: DirectionKeys, generations: Generations): void {
  const name = `${keys.direction}${keys.generation}`
  const expected = generations.get(name)
  if (expected === undefined) throw new Error(`generation ${name} is not in the vector`)
  expectBytes(`chain secret ${name}`, keys.exposeChainSecret(), bytes(expected, 'chain_secret'))
  expectBytes(`key ${name}`, keys.key, bytes(expected, 'key'))
  expectBytes(`nonce salt ${name}`, keys.nonceSalt, bytes(expected, 'nonce_salt'))
  expectBytes(`transcript hash ${name}`, keys.transcriptHash, bytes(expected, 'transcript_hash'))
}

/** Seals each frame as its sender and opens it as its receiver, with the keys of the two handshake results. */
function replayFrames(
  vector: Vector,
  client: HandshakeResult,
  server: HandshakeResult,
  generations: Generations,
  wire: Record<Direction, Uint8Array[]>,
): void {
  const clock = new ManualClock()
  const senders = { c: client.secrets.directions.send, s: server.secrets.directions.send }
  const receivers = { c: server.secrets.directions.receive, s: client.secrets.directions.receive }
  const sealers = { c: new FrameSealer(senders.c, clock, NEVER), s: new FrameSealer(senders.s, clock, NEVER) }
  const openers = {
    c: new FrameOpener(receivers.c, MAX_FRAME_MOST),
    s: new FrameOpener(receivers.s, MAX_FRAME_MOST),
  }
  for (const [index, frame] of list(vector, 'frames').entries()) {
    const direction = text(frame, 'direction') as Direction
    const what = `frame ${index} (${text(frame, 'what')})`
    const keys = senders[direction]
    checkGeneration(keys, generations)
    checkGeneration(receivers[direction], generations)
    expectEqual(`${what}: generation`, keys.generation, integer(frame, 'generation'))
    expectEqual(`${what}: counter`, keys.counter, integer(frame, 'counter'))
    expectBytes(`${what}: nonce`, nonceFor(keys.nonceSalt, keys.counter), bytes(frame, 'nonce'))
    const sealed = sealRecorded(frame, keys.generation, direction, sealers[direction])
    expectBytes(what, sealed, bytes(frame, 'frame'))
    wire[direction].push(sealed)
    openers[direction].push(sealed)
    if (openers[direction].next() === undefined) throw new Error(`${what} is incomplete to the receiver`)
  }
}

function sealRecorded(
  frame: Vector,
  generation: number,
  direction: Direction,
  sealer: FrameSealer,
): Uint8Array {
  const reader = new FrameReader(MAX_FRAME_MOST)
  reader.push(bytes(frame, 'frame'))
  const head = reader.next()
  if (head === undefined) throw new Error('the recorded frame is incomplete')
  expectBytes('header', head.header, bytes(frame, 'header_aad'))
  const plaintext = bytes(frame, 'plaintext')
  parseFrame(head.type, head.streamId, [plaintext], plaintext.length, direction)
  const out: Uint8Array[] = []
  if (head.type === FRAME.KEY_UPDATE) {
    expectBytes('plaintext of KEY_UPDATE', buildKeyUpdate(generation + 1), plaintext)
    sealer.rekey(out)
  } else sealer.seal(head.type, head.streamId, [plaintext], plaintext.length, out)
  return concat(...out)
}

function bodyOf(wireMessage: Uint8Array): Uint8Array {
  const reader = new HandshakeReader()
  reader.push(wireMessage)
  const body = reader.next()
  if (body === undefined) throw new Error('a handshake message is truncated')
  return body
}
