/** Replays the key schedule and the frames of the Betanet 1.2 draft. */
import { concat, decodeCbor, fromHex, isCborMap, toHex } from '../../core/index.ts'
import { chacha20poly1305 } from '../../crypto/index.ts'
import { buildStreamHead12, parseFrame12 } from '../spec12/frames.ts'
import { TrafficKeys } from '../spec12/keys.ts'
import { expandLabel, innerExporter, rootSecret, sessionContext, trafficSecrets } from '../spec12/schedule.ts'
import { FRAME_1_2 } from '../spec12/types.ts'
import { FrameReader12, sealFrame12 } from '../spec12/wire.ts'
import { bytes, expectBytes, expectEqual, integer, list, text, type Vector } from './fields.ts'

/** The exporter value of Appendix C.1 of the draft: frames of a vector without keys are sealed under it. */
const PUBLISHED_EXPORTER = '8b1a9953c4611296a827abf8c47804d77f02b27a3b2e5c5ed1fba6b9b5d80752'

const FIELDS = ['context_cbor', 'traffic_secret_c', 'traffic_secret_s', 'nonce_salt', 'frames'] as const

/** True for a vector of the draft. */
export function isSpec12(vector: Vector): boolean {
  return FIELDS.some((field) => field in vector)
}

/** @throws Error naming what differs */
export function replaySpec12(vector: Vector): void {
  if ('context_cbor' in vector) replayExporter(vector)
  else if ('traffic_secret_c' in vector) replayClientSecret(vector)
  else if ('traffic_secret_s' in vector) replayNextGeneration(vector)
  else if ('nonce_salt' in vector) replayFrame(vector)
  else replayFrames(list(vector, 'frames'))
}

function replayExporter(vector: Vector): void {
  const context = bytes(vector, 'context_cbor')
  const map = decodeCbor(context)
  if (!isCborMap(map)) throw new Error('the context is no map')
  const { caps_client: client, caps_server: server } = map
  if (!(client instanceof Uint8Array && server instanceof Uint8Array)) throw new Error('a HELLO is missing')
  expectBytes('context', sessionContext(client, server), context)
  const split = concat(bytes(vector, 'split_k1'), bytes(vector, 'split_k2'))
  const exporter = innerExporter(split, new Uint8Array(0), context)
  expectBytes('exporter', exporter, bytes(vector, 'exporter'))
  expectBytes('K0', rootSecret(exporter), bytes(vector, 'K0'))
}

function replayClientSecret(vector: Vector): void {
  const exporter = bytes(vector, 'exporter')
  expectBytes('K0', rootSecret(exporter), bytes(vector, 'K0'))
  const secret = trafficSecrets(exporter).c
  expectBytes('traffic secret', secret, bytes(vector, 'traffic_secret_c'))
  const keys = new TrafficKeys('c', secret)
  expectBytes('key', keys.key, bytes(vector, 'key_c'))
  expectBytes('nonce salt', keys.nonceSalt, bytes(vector, 'nonce_salt_c'))
}

function replayNextGeneration(vector: Vector): void {
  const root = bytes(vector, 'K0')
  const server = new TrafficKeys('s', expandLabel(root, 'ts_s', 32))
  expectBytes('traffic secret s', server.exposeChainSecret(), bytes(vector, 'traffic_secret_s'))
  expectBytes('key s', server.key, bytes(vector, 'key_s'))
  expectBytes('nonce salt s', server.nonceSalt, bytes(vector, 'nonce_salt_s'))
  const client = new TrafficKeys('c', expandLabel(root, 'ts_c', 32))
  client.update()
  expectBytes('next traffic secret', client.exposeChainSecret(), bytes(vector, 'traffic_secret_c_next'))
  expectBytes('next key', client.key, bytes(vector, 'key_c_next'))
  expectBytes('next nonce salt', client.nonceSalt, bytes(vector, 'nonce_salt_c_next'))
}

/** One frame whose key the vector gives: header, nonce and tag against those of the draft. */
function replayFrame(vector: Vector): void {
  const data = bytes(vector, 'data')
  const frame = bytes(vector, 'frame')
  const reader = new FrameReader12()
  reader.push(frame)
  const sealed = reader.next()
  if (sealed === undefined) throw new Error('the frame is incomplete')
  expectEqual('type', sealed.type, integer(vector, 'type'))
  expectEqual('stream', sealed.streamId, integer(vector, 'stream_id'))
  expectBytes('associated data', sealed.header, bytes(vector, 'aad'))
  expectBytes('length', sealed.header.subarray(0, 3), bytes(vector, 'len'))
  expectEqual('counter', integer(vector, 'counter'), 0)
  expectBytes('nonce', bytes(vector, 'nonce'), bytes(vector, 'nonce_salt'))
  const head = buildStreamHead12(integer(vector, 'flags') === 1, integer(vector, 'offset'), data.length)
  const { ciphertext, tag } = chacha20poly1305.sealParts(
    bytes(vector, 'key'),
    bytes(vector, 'nonce'),
    sealed.header,
    [head, data],
    head.length + data.length,
  )
  expectBytes('frame', concat(sealed.header, ...ciphertext, tag), frame)
  parseFrame12(sealed.type, sealed.streamId as number, concat(head, data))
}

/** Frames that follow the first one of the published client secret, opened, named and sealed again. */
function replayFrames(frames: readonly Vector[]): void {
  const secret = (): Uint8Array => trafficSecrets(fromHex(PUBLISHED_EXPORTER)).c
  const receiver = new TrafficKeys('c', secret())
  const sender = new TrafficKeys('c', secret())
  // Counter 0 belongs to the STREAM frame of Appendix C.2.
  receiver.nextNonce()
  sender.nextNonce()
  for (const frame of frames) {
    const reader = new FrameReader12()
    reader.push(bytes(frame, 'frame'))
    const sealed = reader.next()
    if (sealed === undefined) throw new Error(`${text(frame, 'what')} is incomplete`)
    const { type, header, length } = sealed
    const id = sealed.streamId as number
    const place = `generation ${receiver.generation}, counter ${receiver.counter}`
    const opened = chacha20poly1305.openParts(
      receiver.key,
      receiver.nextNonce(),
      header,
      sealed.ciphertext,
      sealed.tag,
      length,
    )
    if (opened === undefined) throw new Error(`${text(frame, 'what')} does not open`)
    const plaintext = concat(...opened)
    expectEqual('frame', `${nameOf(type, id, plaintext)}, ${place}`, text(frame, 'what'))
    const out: Uint8Array[] = []
    sealFrame12(sender, type, id, [plaintext], length, out)
    expectBytes(text(frame, 'what'), concat(...out), bytes(frame, 'frame'))
    if (type !== FRAME_1_2.KEY_UPDATE) continue
    receiver.update()
    sender.update()
  }
}

function nameOf(type: number, id: number, plaintext: Uint8Array): string {
  const parsed = parseFrame12(type, id, plaintext)
  switch (parsed.kind) {
    case 'key-update':
      return 'KEY_UPDATE'
    case 'window-update':
      return `WINDOW_UPDATE stream ${parsed.id} scope ${parsed.id === 0 ? 0 : 1} credit ${parsed.credit}`
    case 'close':
      return `CLOSE ${parsed.code} "${parsed.reason}"`
    default:
      return `${parsed.kind} ${toHex(plaintext)}`
  }
}
