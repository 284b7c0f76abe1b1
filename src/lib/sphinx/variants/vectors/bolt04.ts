/** The vector suite `bolt04`: onions, failures and blinded routes of Lightning, told apart by the fields of the file. */
import type { VectorCheck } from '../../../core/index.ts'
import { loadSecp256k1, type Secp256k1 } from '../../../crypto/index.ts'
import {
  authenticateFailure,
  createOnion,
  derivedKey,
  type OnionHop,
  openFailure,
  openOnion,
  shareSecrets,
  wrapFailure,
} from '../bolt04.ts'
import { messageChecks, paymentChecks, routeChecks } from './bolt04-blinding.ts'
import {
  bytes,
  bytesList,
  expectBytes,
  expectEqual,
  has,
  jsonSuite,
  object,
  type Vector,
  vector,
  vectors,
} from './fields.ts'

export const bolt04Suite = jsonSuite('bolt04', async (document) => {
  const file = vector(document)
  const group = await loadSecp256k1()
  if (has(file, 'errorpacket')) return [{ id: 'failure', run: () => replayFailure(group, file) }]
  if (has(file, 'onionmessage')) return messageChecks(group, file)
  if (has(file, 'unblind')) return routeChecks(group, file)
  if (has(file, 'decrypt')) return paymentChecks(group, file)
  if (has(file, 'onion')) return onionChecks(group, file)
  throw new Error('no onion, failure or blinded route in the file')
})

function onionChecks(group: Secp256k1, file: Vector): VectorCheck[] {
  const generate = object(file, 'generate')
  const data = bytes(generate, 'associated_data')
  const onion = bytes(file, 'onion')
  const hops = vectors(generate, 'hops').map(
    (hop): OnionHop => ({ publicKey: bytes(hop, 'pubkey'), payload: bytes(hop, 'payload') }),
  )
  const sessionKey = bytes(generate, 'session_key')
  return [
    { id: 'create', run: () => expectBytes('the onion', createOnion(group, sessionKey, hops, data), onion) },
    { id: 'open', run: () => peel(group, onion, data, bytesList(file, 'decode'), hops) },
  ]
}

/** Opens the onion of the vector hop by hop; each hop finds its payload, and the last one nothing behind it. */
function peel(
  group: Secp256k1,
  first: Uint8Array,
  data: Uint8Array,
  privateKeys: readonly Uint8Array[],
  hops: readonly OnionHop[],
): void {
  expectEqual('the number of keys', privateKeys.length, hops.length)
  let onion: Uint8Array | undefined = first
  for (const [i, { payload }] of hops.entries()) {
    if (onion === undefined) throw new Error(`the onion ends before hop ${i}`)
    const opened = openOnion(group, privateKeys[i] as Uint8Array, onion, data)
    expectBytes(`payload ${i}`, opened?.payload, payload)
    onion = opened?.next
  }
  expectEqual('what is behind the last hop', onion, undefined)
}

/** The last hop of the path fails; its answer is wrapped by all hops on the way back, and the sender opens it. */
function replayFailure(group: Secp256k1, file: Vector): void {
  const generate = object(file, 'generate')
  const hops = vectors(generate, 'hops')
  const secrets = shareSecrets(
    group,
    bytes(generate, 'session_key'),
    hops.map((hop) => bytes(hop, 'pubkey')),
  )
  for (const [i, hop] of hops.entries()) {
    const secret = secrets[i] as Uint8Array
    expectBytes(`secret ${i}`, secret, bytes(hop, 'hop_shared_secret'))
    expectBytes(`ammag ${i}`, derivedKey('ammag', secret), bytes(hop, 'ammag_key'))
    if (has(hop, 'um_key')) expectBytes(`um ${i}`, derivedKey('um', secret), bytes(hop, 'um_key'))
  }
  const failing = hops.length - 1
  const payload = bytes(hops[failing] as Vector, 'payload')
  const packet = secrets
    .toReversed()
    .reduce(
      (wrapped, secret) => wrapFailure(secret, wrapped),
      authenticateFailure(secrets[failing] as Uint8Array, payload),
    )
  const published = bytes(file, 'errorpacket')
  expectBytes('the failure', packet, published)
  const opened = openFailure(secrets, published)
  expectEqual('the failing hop', opened?.hop, failing)
  expectBytes('what it said', opened?.payload, payload)
}
