/** One line of a known-peers file: `{peer, x, firstSeen, lastSeen, certHash, notBefore}` (htx 2.1). */
import { decodeBase32, encodeBase32, isAivError, toHex } from '../../core/index.ts'
import { HASH_BYTES, X25519_BYTES } from '../../crypto/index.ts'
import { Fields } from '../files/json-fields.ts'
import { isPeerId } from '../peer-id.ts'
import { unreadableLine } from './peer-log.ts'
import type { CertificateRecord } from './roll-back.ts'

export interface KnownPeer extends CertificateRecord {
  /** Peer id. */
  readonly peer: string
  /** Unix seconds; `lastSeen` to the hour. */
  readonly firstSeen: number
  readonly lastSeen: number
  /** Nobody named this peer: its record is one of a bounded number. Written as an additional field `"wildcard":true`. */
  readonly wildcard: boolean
}

/** The line, without a newline. */
export function formatPeerLine(record: KnownPeer): string {
  const { peer, x, firstSeen, lastSeen, certHash, notBefore, wildcard } = record
  return JSON.stringify({
    peer,
    x: encodeBase32(x),
    firstSeen,
    lastSeen,
    certHash: toHex(certHash),
    notBefore,
    ...(wildcard ? { wildcard } : {}),
  })
}

/**
 * @param number of the line, for the error
 * @throws AivError `E_INPUT`
 */
export function parsePeerLine(line: Uint8Array, number: number): KnownPeer {
  try {
    const fields = Fields.ofJson(line)
    const peer = fields.text('peer')
    const x = decodeBase32(fields.text('x'))
    const record = {
      peer,
      x,
      firstSeen: fields.integer('firstSeen'),
      lastSeen: fields.integer('lastSeen'),
      certHash: fields.bytes('certHash', HASH_BYTES),
      notBefore: fields.integer('notBefore'),
      wildcard: fields.has('wildcard') && fields.flag('wildcard'),
    }
    fields.finish()
    if (isPeerId(peer) && x.length === X25519_BYTES) return record
  } catch (error) {
    if (!isAivError(error, 'E_MALFORMED')) throw error
  }
  throw unreadableLine(number, 'is not a record of a peer')
}
