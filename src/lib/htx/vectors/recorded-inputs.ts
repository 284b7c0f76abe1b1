/**
 * Fields of a recorded session that follow from others. A replay would succeed without them; a vector in which they
 * do not fit would still mislead whoever debugs another implementation with it.
 */
import { concat, EMPTY } from '../../core/index.ts'
import { ed25519 } from '../../crypto/index.ts'
import { verifyCertificate } from '../../identity/index.ts'
import { buildPrologue, encodeHello, parseHello } from '../handshake/index.ts'
import { deriveK0 } from '../keys/schedule.ts'
import type { ReplayContext } from './context.ts'
import { bytes, expectBytes, object, optionalBytes, type Vector } from './fields.ts'

/** @throws Error naming the field that does not fit */
export function checkRecordedInputs(vector: Vector, context: ReplayContext): void {
  checkPrologue(vector, context)
  checkPayloads(vector, context)
  for (const side of ['initiator', 'responder'] as const) checkKeys(vector, side, context)
  const noise = {
    k1: bytes(vector, 'split_k1'),
    k2: bytes(vector, 'split_k2'),
    h: bytes(vector, 'handshake_hash'),
  }
  expectBytes('K0 from split_k1 and split_k2', deriveK0(noise, EMPTY), bytes(vector, 'K0'))
}

function checkPrologue(vector: Vector, { suite, link }: ReplayContext): void {
  const handle = vector.resume === undefined ? undefined : bytes(object(vector, 'resume'), 'handle')
  expectBytes('prologue', buildPrologue(suite.id, link, undefined, handle), bytes(vector, 'prologue'))
}

/** Each payload is what HELLO makes of the vector's ticket, certificates and its own numbers. */
function checkPayloads(vector: Vector, { suite, link, clock }: ReplayContext): void {
  for (const message of [1, 2, 3] as const) {
    if (message > suite.messages) return
    const field = `payload_${message}`
    const payload = bytes(vector, field)
    const { parameters, features, versions, padLength } = parseHello(payload, { message, suite, link })
    const accessTicket = message === 1 ? optionalBytes(vector, 'access_ticket') : undefined
    const certificate =
      message === 1
        ? undefined
        : optionalBytes(vector, message === 2 ? 'id_cert_responder' : 'id_cert_initiator')
    const expected = encodeHello({
      ...(message === 3 ? {} : { versions, features, parameters }),
      ...(accessTicket === undefined ? {} : { accessTicket }),
      ...(certificate === undefined ? {} : { certificate }),
      ...(message === 1 ? { timeSeconds: BigInt(clock.wallMs() / 1000) } : {}),
      ...(padLength === undefined ? {} : { padLength }),
    })
    expectBytes(field, payload, expected)
  }
}

function checkKeys(vector: Vector, side: 'initiator' | 'responder', context: ReplayContext): void {
  const inputs = object(vector, side)
  const staticPrivate = optionalBytes(inputs, 'static_private')
  const certificate = optionalBytes(vector, `id_cert_${side}`)
  if (staticPrivate === undefined) return
  const { publicKey } = context.provider.x25519.fromPrivate(staticPrivate)
  const staticPublic = optionalBytes(inputs, 'static_public')
  if (staticPublic !== undefined) expectBytes(`${side}: static_public`, publicKey, staticPublic)
  if (certificate === undefined) return
  const { signPublic } = verifyCertificate(certificate, { staticKey: publicKey, clock: context.clock })
  const named = ed25519.fromSeed(bytes(inputs, 'ed25519_private')).publicKey
  expectBytes(`${side}: Ed25519 key of the certificate`, signPublic, named)
}

/** Nonce of the next frame: the salt, with the counter as LE64 over its first eight bytes (section 4.2). */
export function nonceFor(salt: Uint8Array, counter: number): Uint8Array {
  const little = new Uint8Array(8)
  new DataView(little.buffer).setBigUint64(0, BigInt(counter), true)
  return concat(
    little.map((byte, index) => byte ^ (salt[index] as number)),
    salt.subarray(8),
  )
}
