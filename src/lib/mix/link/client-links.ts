/**
 * Clients of a provider: each has one link, on which packets go up and answers come down, both of one size. A client is known by
 * a token that it chose; the name under which answers come for it follows from that, so nobody takes over another's answers, and
 * a client that comes back gets those that are still on their way.
 */
import { concat, toHex, utf8 } from '../../core/index.ts'
import { sha256 } from '../../crypto/index.ts'
import { type Geometry, PAYLOAD_TAG_BYTES, SURB_ID_BYTES } from '../../sphinx/index.ts'
import { LINK_QUEUE_BYTES } from './constants.ts'
import type { InboundLinks } from './inbound.ts'
import type { PacketPipe } from './packet-pipe.ts'

export const CLIENT_TOKEN_BYTES = 32
const RECIPIENT_DOMAIN = utf8('aiv-mix-client-v1')

/** The recipient of a client's answers, 32 bytes. @param token 32 random bytes, known to client and provider alone */
export function clientRecipient(token: Uint8Array): Uint8Array {
  return sha256(RECIPIENT_DOMAIN, token)
}

/** Bytes of an answer on the link: id of the reply block, tag and payload, still enciphered. */
export function answerBytes({ payloadBytes }: Geometry): number {
  return SURB_ID_BYTES + PAYLOAD_TAG_BYTES + payloadBytes
}

export class ClientLinks {
  readonly #inbound: InboundLinks
  readonly #byRecipient = new Map<string, PacketPipe>()

  /** @param inbound takes the clients' packets; not that of nodes, whose links clients must not use up */
  constructor(inbound: InboundLinks) {
    this.#inbound = inbound
  }

  get count(): number {
    return this.#byRecipient.size
  }

  /** Takes the link of a client; one that it had before is closed. */
  add(token: Uint8Array, pipe: PacketPipe): void {
    const name = toHex(clientRecipient(token))
    this.#byRecipient.get(name)?.destroy()
    this.#byRecipient.set(name, pipe)
    this.#inbound.add(pipe, () => {
      if (this.#byRecipient.get(name) === pipe) this.#byRecipient.delete(name)
    })
  }

  /** Hands an answer over; false when the client is not there or does not take what it has asked for. */
  reply(recipient: Uint8Array, surbId: Uint8Array, payload: Uint8Array): boolean {
    const pipe = this.#byRecipient.get(toHex(recipient))
    if (pipe === undefined || pipe.queuedBytes >= LINK_QUEUE_BYTES) return false
    pipe.write(concat(surbId, payload))
    return true
  }
}
