/** First packets of QUIC clients that come no further (RFC 9000 section 17.2.2, protected as in RFC 9001 section 5). */
import { createCipheriv, createHmac, randomBytes } from 'node:crypto'

const INITIAL_SALT = Buffer.from('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'hex')
/** A server ignores smaller datagrams (RFC 9000 section 14.1). */
const DATAGRAM_BYTES = 1200

/** PING: the server makes a connection of it and waits for a handshake that never comes. */
export const PING = Uint8Array.of(0x01)
/** CRYPTO with a ServerHello, which no client sends: the handshake breaks at once. */
export const WRONG_HANDSHAKE = Uint8Array.of(0x06, 0x00, 0x04, 0x02, 0x00, 0x00, 0x00)

/** An Initial packet of a new connection that holds `frames`, padded to a full datagram. */
export function initialPacket(frames: Uint8Array): Uint8Array {
  const destination = randomBytes(8)
  const secret = expandLabel(hmac(INITIAL_SALT, destination), 'client in', 32)
  const key = expandLabel(secret, 'quic key', 16)
  const iv = expandLabel(secret, 'quic iv', 12)
  const protection = expandLabel(secret, 'quic hp', 16)

  const packetNumber = Buffer.alloc(4)
  const front = Buffer.concat([Buffer.of(0xc3, 0, 0, 0, 1, 8), destination, Buffer.of(8), randomBytes(8)])
  const length = DATAGRAM_BYTES - front.length - 3
  const header = Buffer.concat([front, Buffer.of(0, 0x40 | (length >> 8), length & 0xff), packetNumber])
  const payload = Buffer.alloc(DATAGRAM_BYTES - header.length - 16)
  payload.set(frames)

  // Packet number 0, so the nonce is the IV itself.
  const cipher = createCipheriv('aes-128-gcm', key, iv).setAAD(header)
  const sealed = Buffer.concat([cipher.update(payload), cipher.final(), cipher.getAuthTag()])
  const mask = createCipheriv('aes-128-ecb', protection, null).update(sealed.subarray(0, 16))
  header[0] = (header[0] as number) ^ ((mask[0] as number) & 0x0f)
  for (let i = 0; i < 4; i++) header[header.length - 4 + i] = mask[1 + i] as number
  return Buffer.concat([header, sealed])
}

function hmac(key: Uint8Array, data: Uint8Array): Buffer {
  return createHmac('sha256', key).update(data).digest()
}

/** HKDF-Expand-Label of TLS 1.3 (RFC 8446 section 7.1) for at most one block. */
function expandLabel(secret: Uint8Array, label: string, bytes: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`)
  const info = Buffer.concat([Buffer.of(0, bytes, name.length), name, Buffer.of(0, 1)])
  return hmac(secret, info).subarray(0, bytes)
}
