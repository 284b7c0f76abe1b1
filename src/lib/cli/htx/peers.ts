/** Known peers as the commands show them. */
import { encodeBase32 } from '../../core/index.ts'
import type { KnownPeer } from '../../identity/index.ts'
import type { Fields } from '../output.ts'

const time = (seconds: number): string => new Date(seconds * 1000).toISOString()

export function describePeer({
  peer,
  x,
  firstSeen,
  lastSeen,
  certHash,
  notBefore,
  wildcard,
}: KnownPeer): Fields {
  return {
    peer,
    x: encodeBase32(x),
    first_seen: time(firstSeen),
    last_seen: time(lastSeen),
    cert_hash: certHash,
    not_before: notBefore,
    wildcard,
  }
}

export function peerLine({ peer, x, lastSeen }: KnownPeer): string {
  return `${peer}  x=${encodeBase32(x)}  ${time(lastSeen).slice(0, 16)}`
}
