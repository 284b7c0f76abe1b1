/** Vectors of names and numbers: varints, peer ids, keys and addresses, public session ids. */
import { decodeBase32, decodeVarint64, encodeBase32, encodeVarint, toHex } from '../../core/index.ts'
import { ed25519 } from '../../crypto/index.ts'
import { parsePeerId, peerIdOf } from '../../identity/index.ts'
import { formatAddress, parseAddress } from '../address.ts'
import { publicSessionId } from '../keys/schedule.ts'
import { bytes, expectBytes, expectEqual, text, type Vector } from './fields.ts'

export function replayVarint(vector: Vector): void {
  const encoding = bytes(vector, 'bytes')
  const expected = BigInt(text(vector, 'value'))
  if (vector.canonical !== true) {
    try {
      decodeVarint64(encoding, 0)
    } catch {
      return
    }
    throw new Error('an encoding that is not the shortest was accepted')
  }
  const { value, next } = decodeVarint64(encoding, 0)
  expectEqual('value', value, expected)
  expectEqual('length', next, encoding.length)
  expectBytes('encoding', encodeVarint(expected), encoding)
}

export function replayName(vector: Vector): void {
  const kind = text(vector, 'kind')
  if (kind === 'session-id') {
    expectEqual(
      'session id',
      toHex(publicSessionId(bytes(vector, 'handshake_hash'))),
      text(vector, 'session_id'),
    )
    return
  }
  if (kind !== 'peer-id') throw new Error(`kind ${kind} is unknown`)
  const { publicKey } = ed25519.fromSeed(bytes(vector, 'ed25519_private'))
  expectBytes('Ed25519 public key', publicKey, bytes(vector, 'ed25519_public'))
  const peer = text(vector, 'peer_id')
  expectEqual('peer id', peerIdOf(publicKey), peer)
  expectBytes('bytes of the peer id', decodeBase32(peer), bytes(vector, 'peer_id_bytes'))
  parsePeerId(peer)
  const x = text(vector, 'x')
  expectEqual('x', encodeBase32(bytes(vector, 'x25519_public')), x)
  const address = parseAddress(text(vector, 'address'), 'connect')
  expectEqual('peer of the address', address.peer, peer)
  expectBytes('x of the address', address.x ?? new Uint8Array(0), bytes(vector, 'x25519_public'))
  expectEqual('address', formatAddress(address), text(vector, 'address'))
}
