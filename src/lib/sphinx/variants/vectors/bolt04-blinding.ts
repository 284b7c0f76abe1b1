/** Replays the files of BOLT 4 that have blinded routes: a route alone, a payment over one, a message over one. */
import { concat, EMPTY, equal, type VectorCheck } from '../../../core/index.ts'
import type { Secp256k1 } from '../../../crypto/index.ts'
import { createOnion, derivedKey, type OnionHop, openOnion } from '../bolt04.ts'
import { type BlindedHop, blindedPrivateKey, blindHop, unblindHop } from '../bolt04-blinding.ts'
import { bigSize, readBigSize, readRecords } from '../tlv.ts'
import { bytes, expectBytes, expectEqual, has, object, text, type Vector, vectors } from './fields.ts'

/** Types of the records of a payload: data for the hop in a message and in a payment, and the first path key. */
const MESSAGE_DATA_TYPE = 4
const PAYMENT_DATA_TYPE = 10
const PATH_KEY_TYPE = 12
const GREETING_TYPE = 1

/** An onion message begins with its type, the path key and the length of the onion. */
const PATH_KEY_AT = 2
const ONION_AT = PATH_KEY_AT + 33 + 2

export function routeChecks(group: Secp256k1, file: Vector): VectorCheck[] {
  const built = vectors(object(file, 'generate'), 'hops')
  const route = vectors(object(file, 'route'), 'hops')
  const unblinded = vectors(object(file, 'unblind'), 'hops')
  return [
    ...built.map((hop, i) => ({
      id: `blind ${text(hop, 'alias')}`,
      run() {
        const blinded = blindHop(
          group,
          bytes(hop, 'path_privkey'),
          bytes(hop, 'node_id'),
          bytes(hop, 'encoded_tlvs'),
        )
        if (blinded === undefined) throw new Error('the node id is no point')
        if (has(hop, 'session_key'))
          expectBytes('path_privkey of the first hop', bytes(hop, 'path_privkey'), bytes(hop, 'session_key'))
        expectBlinded(blinded, hop, 'encrypted_data')
        expectBytes('path_key', blinded.pathKey, bytes(hop, 'path_key'))
        expectBytes('shared_secret', blinded.secret, bytes(hop, 'shared_secret'))
        expectPublished(blinded, route[i], 'encrypted_data')
        expectNextScalar(blinded, built[i + 1], 'path_privkey')
      },
    })),
    ...unblinded.map((hop, i) => ({
      id: `unblind ${text(hop, 'alias')}`,
      run: () => expectUnblinded(group, hop, bytes(route[i] as Vector, 'encrypted_data')),
    })),
  ]
}

function expectUnblinded(group: Secp256k1, hop: Vector, encryptedData: Uint8Array): void {
  const [privateKey, pathKey] = [bytes(hop, 'node_privkey'), bytes(hop, 'path_key')]
  const opened = unblindHop(group, privateKey, pathKey, encryptedData)
  expectBytes('decrypted_data', opened?.data, bytes(hop, 'decrypted_data'))
  expectBytes('next_path_key', opened?.nextPathKey, bytes(hop, 'next_path_key'))
  const key = blindedPrivateKey(group, privateKey, pathKey)
  expectBytes('blinded_privkey', key, bytes(hop, 'blinded_privkey'))
  if (has(hop, 'next_path_key_override'))
    expectBytes('next_path_key_override', opened?.override, bytes(hop, 'next_path_key_override'))
}

function expectBlinded(blinded: BlindedHop, hop: Vector, encrypted: string): void {
  expectBytes('rho', derivedKey('rho', blinded.secret), bytes(hop, 'rho'))
  expectBytes('blinded_node_id', blinded.blindedNodeId, bytes(hop, 'blinded_node_id'))
  expectBytes(encrypted, blinded.encryptedData, bytes(hop, encrypted))
}

/** What the receiver hands out. */
function expectPublished(blinded: BlindedHop, hop: Vector | undefined, encrypted: string): void {
  if (hop === undefined) throw new Error('the route is shorter than its hops')
  expectBytes('blinded_node_id of the route', blinded.blindedNodeId, bytes(hop, 'blinded_node_id'))
  expectBytes(`${encrypted} of the route`, blinded.encryptedData, bytes(hop, encrypted))
}

/** A hop with a session key begins another route. */
function expectNextScalar(blinded: BlindedHop, next: Vector | undefined, field: string): void {
  if (next === undefined || has(next, 'session_key')) return
  expectBytes('the private key behind the next path key', blinded.nextScalar, bytes(next, field))
}

/** A node on the way, and what it receives. */
interface Arrival {
  readonly onion: Uint8Array
  readonly privateKey: Uint8Array
  /** What comes with the onion, or stands in it at the first node of the route. */
  readonly pathKey?: Uint8Array | undefined
}

/** What the node sends on. */
interface Departure {
  readonly onion: Uint8Array | undefined
  readonly pathKey: Uint8Array | undefined
  readonly payload: Uint8Array
  readonly data: Uint8Array | undefined
}

function pass(group: Secp256k1, arrival: Arrival, data: Uint8Array, dataType: number): Departure {
  const { onion, privateKey } = arrival
  const key = arrival.pathKey && blindedPrivateKey(group, privateKey, arrival.pathKey)
  const opened = openOnion(group, key ?? privateKey, onion, data)
  if (opened === undefined) throw new Error('the onion is refused')
  const records = readRecords(opened.payload.subarray(readBigSize(opened.payload, 0)?.bytes))
  const pathKey = arrival.pathKey ?? records?.get(PATH_KEY_TYPE)
  const encrypted = records?.get(dataType)
  const unblinded = pathKey && encrypted && unblindHop(group, privateKey, pathKey, encrypted)
  return {
    onion: opened.next,
    payload: opened.payload,
    pathKey: unblinded?.override ?? unblinded?.nextPathKey,
    data: unblinded?.data,
  }
}

export function paymentChecks(group: Secp256k1, file: Vector): VectorCheck[] {
  const generate = object(file, 'generate')
  const data = bytes(generate, 'associated_data')
  const hops = vectors(object(generate, 'full_route'), 'hops').map(
    (hop): OnionHop => ({ publicKey: bytes(hop, 'pubkey'), payload: bytes(hop, 'payload') }),
  )
  const nodes = vectors(object(file, 'decrypt'), 'hops')
  const firstOnion = bytes(generate, 'onion')
  const create: VectorCheck = {
    id: 'create',
    run: () =>
      expectBytes('the onion', createOnion(group, bytes(generate, 'session_key'), hops, data), firstOnion),
  }
  return [
    create,
    ...nodes.map((node, i) => ({
      id: `open ${text(node, 'alias')}`,
      run() {
        const arrival = {
          onion: bytes(node, 'onion'),
          privateKey: bytes(node, 'node_privkey'),
          pathKey: sentTo(nodes, i),
        }
        if (i === 0) expectBytes('the first onion', arrival.onion, firstOnion)
        const left = pass(group, arrival, data, PAYMENT_DATA_TYPE)
        expectBytes('the payload', left.payload, hops[i]?.payload as Uint8Array)
        expectOnward(left, nodes[i + 1], 'onion')
        if (has(node, 'next_path_key'))
          expectBytes('next_path_key', left.pathKey, bytes(node, 'next_path_key'))
      },
    })),
  ]
}

/** The path key that the node before said to send with the onion. */
function sentTo(nodes: readonly Vector[], i: number): Uint8Array | undefined {
  const before = nodes[i - 1]
  return before !== undefined && has(before, 'next_path_key') ? bytes(before, 'next_path_key') : undefined
}

function expectOnward(left: Departure, next: Vector | undefined, field: string): void {
  if (next === undefined) expectEqual('what is behind the last hop', left.onion, undefined)
  else expectBytes('the next onion', left.onion, bytes(next, field))
}

export function messageChecks(group: Secp256k1, file: Vector): VectorCheck[] {
  const generate = object(file, 'generate')
  const built = vectors(generate, 'hops')
  const route = vectors(object(file, 'route'), 'hops')
  const nodes = vectors(object(file, 'decrypt'), 'hops')
  return [
    ...built.map((hop, i) => ({
      id: `blind ${text(hop, 'alias')}`,
      run: () => replayBlinding(group, hop, nodes[i], route[i], built[i + 1]),
    })),
    { id: 'create', run: () => expectMessage(group, bytes(generate, 'session_key'), file, route) },
    ...nodes.map((node, i) => ({
      id: `open ${text(node, 'alias')}`,
      run: () => replayMessage(group, nodes, i, bytes(built[i] as Vector, 'encrypted_data_tlv')),
    })),
  ]
}

const ENCRYPTED = 'encrypted_recipient_data'

function replayBlinding(
  group: Secp256k1,
  hop: Vector,
  node: Vector | undefined,
  published: Vector | undefined,
  next: Vector | undefined,
): void {
  if (node === undefined) throw new Error('the hop has no node')
  const nodeId = group.publicKey(bytes(node, 'privkey'))
  const blinded = blindHop(group, bytes(hop, 'path_key_secret'), nodeId, bytes(hop, 'encrypted_data_tlv'))
  if (blinded === undefined) throw new Error('the node id is no point')
  expectBytes('ss', blinded.secret, bytes(hop, 'ss'))
  expectBytes('E', blinded.pathKey, bytes(hop, 'E'))
  expectBlinded(blinded, hop, ENCRYPTED)
  expectPublished(blinded, published, ENCRYPTED)
  // libsecp256k1 exports private keys with a byte more, which says that the public key is compressed.
  expectBytes('next_e', concat(blinded.nextScalar, Uint8Array.of(1)), bytes(hop, 'next_e'))
  // Where the route is joined to another one, the next hop's key is not ours to derive.
  const isJoined = has(object(hop, 'tlvs'), 'next_path_key_override')
  if (!isJoined) expectNextScalar(blinded, next, 'path_key_secret')
}

function expectMessage(
  group: Secp256k1,
  sessionKey: Uint8Array,
  file: Vector,
  route: readonly Vector[],
): void {
  const message = object(file, 'onionmessage')
  const greeting = record(GREETING_TYPE, bytes(message, 'unknown_tag_1'))
  const hops = route.map((hop, i): OnionHop => {
    const data = record(MESSAGE_DATA_TYPE, bytes(hop, ENCRYPTED))
    const records = i === route.length - 1 ? concat(greeting, data) : data
    return { publicKey: bytes(hop, 'blinded_node_id'), payload: concat(bigSize(records.length), records) }
  })
  const onion = createOnion(group, sessionKey, hops, EMPTY)
  expectBytes('the onion', onion, bytes(message, 'onion_message_packet'))
}

function record(type: number, value: Uint8Array): Uint8Array {
  return concat(bigSize(type), bigSize(value.length), value)
}

function replayMessage(group: Secp256k1, nodes: readonly Vector[], i: number, data: Uint8Array): void {
  const node = nodes[i] as Vector
  const message = bytes(node, 'onion_message')
  const arrival = {
    onion: message.subarray(ONION_AT),
    privateKey: bytes(node, 'privkey'),
    pathKey: message.subarray(PATH_KEY_AT, PATH_KEY_AT + 33),
  }
  const left = pass(group, arrival, EMPTY, MESSAGE_DATA_TYPE)
  expectBytes('the data for the hop', left.data, data)
  const next = nodes[i + 1]
  if (next === undefined) {
    expectEqual('what is behind the last hop', left.onion, undefined)
    return
  }
  const onward = bytes(next, 'onion_message')
  expectBytes('the next onion', left.onion, onward.subarray(ONION_AT))
  expectEqual(
    'the next path key',
    equal(left.pathKey ?? EMPTY, onward.subarray(PATH_KEY_AT, PATH_KEY_AT + 33)),
    true,
  )
}
