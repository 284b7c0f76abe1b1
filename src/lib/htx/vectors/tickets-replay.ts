/** Vectors of access tickets: what the client makes from fixed inputs, and that the server takes it. */
import { x25519 } from '../../crypto/index.ts'
import {
  type AccessTicketBinding,
  accessTicketOf,
  decodeBase64Url,
  encodeBase64Url,
  encodePayload,
  examineTicket,
  hourOf,
  replayTag,
  ticketSalt,
} from '../ticket/index.ts'
import { bytes, expectBytes, expectEqual, integer, optionalBytes, text, type Vector } from './fields.ts'

const ZEROS = new Uint8Array(32)

export function isTicket(vector: Vector): boolean {
  return 'ticket_key_id' in vector
}

export function replayTicket(vector: Vector): void {
  const version = integer(vector, 'version')
  if (version !== 1 && version !== 2) throw new Error(`ticket version ${version} is unknown`)
  const unixTime = integer(vector, 'unix_time')
  const keyId = bytes(vector, 'ticket_key_id')
  const nonce = bytes(vector, 'nonce32')
  const binding: AccessTicketBinding = {
    serverStatic: version === 2 ? bytes(vector, 'server_static') : ZEROS,
    bind32: optionalBytes(vector, 'bind_32') ?? ZEROS,
  }
  const ticketPair = x25519.fromPrivate(bytes(vector, 'ticket_private'))
  expectBytes('ticket_public', ticketPair.publicKey, bytes(vector, 'ticket_public'))
  const client = x25519.fromPrivate(bytes(vector, 'client_private'))
  expectBytes('client_public', client.publicKey, bytes(vector, 'client_public'))
  const shared = client.sharedSecret(ticketPair.publicKey)
  expectBytes('shared_secret', shared, bytes(vector, 'shared_secret'))
  const hour = hourOf(unixTime)
  expectEqual('hour', hour, integer(vector, 'hour'))
  const inputs = { version, keyId, hour, nonce, binding } as const
  expectBytes('salt', ticketSalt(inputs), bytes(vector, 'salt'))
  const accessTicket = accessTicketOf(shared, inputs)
  expectBytes('access_ticket', accessTicket, bytes(vector, 'access_ticket'))
  const payload = encodePayload(
    { version, clientPublic: client.publicKey, keyId, nonce, accessTicket },
    bytes(vector, 'padding'),
  )
  expectBytes('payload', payload, bytes(vector, 'payload'))
  expectEqual('base64url', encodeBase64Url(payload), text(vector, 'base64url'))
  const key = { id: keyId, pair: ticketPair, notBefore: unixTime, notAfter: unixTime + 1 }
  const judged = examineTicket(decodeBase64Url(text(vector, 'base64url')), [key], unixTime, {
    binding,
    versions: [version],
  })
  if (typeof judged === 'string') throw new Error(`the ticket is refused: ${judged}`)
  expectEqual('matched hour', judged.hour, hour)
  expectBytes('replay tag', judged.tag, replayTag(keyId, shared))
}
