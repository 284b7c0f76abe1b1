/** Camouflaged connections to the recording site, with a grant of its operator. */
import { SeededRandom, systemClock } from '../../../src/lib/core/index.ts'
import { systemRandom } from '../../../src/lib/crypto/index.ts'
import type { CamouflagedDialOptions } from '../../../src/lib/htx/camouflage/browser/index.ts'
import {
  DEFAULT_SITE,
  parsePolicy,
  type TicketCarrier,
  type TicketGrant,
} from '../../../src/lib/htx/ticket/index.ts'
import type { Link } from '../../../src/lib/link/index.ts'
import { parseRoots } from '../../../src/lib/tls/index.ts'
import { SITE_NAME } from './recording-site.ts'

/** What the site would take for a ticket: the client cannot tell. */
export const TICKET = new SeededRandom(7).bytes(150)

export function grantWith(carriers: string): TicketGrant {
  const policyText = `BN-Ticket: v2; carriers=${carriers}; len=24..64`
  return {
    ...DEFAULT_SITE,
    path: '/login',
    ticketPub: new Uint8Array(32).fill(9),
    ticketKeyId: new Uint8Array(8),
    policyText,
    policy: parsePolicy(policyText),
    notAfter: 4_000_000_000,
  }
}

export function dialOptions(
  { port, pem }: { readonly port: number; readonly pem: string },
  carrier: TicketCarrier = 'cookie',
): CamouflagedDialOptions {
  return {
    host: '127.0.0.1',
    port,
    serverName: SITE_NAME,
    path: '/chat',
    mode: 'ws',
    roots: parseRoots(pem),
    clock: systemClock,
    random: systemRandom,
    grant: grantWith(`${carrier}:1`),
    ticket: () => TICKET,
  }
}

/** Sends the bytes over a link whose other end echoes, and gathers as many. */
export async function echoed(link: Link, bytes: Uint8Array): Promise<Uint8Array> {
  const back = new Uint8Array(bytes.length)
  let length = 0
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  link.attach({
    data(chunk) {
      back.set(chunk, length)
      length += chunk.length
      if (length === bytes.length) resolve()
    },
    end() {},
    drain() {},
    close: (error) => reject(error ?? new Error('closed')),
  })
  link.write([bytes])
  await promise
  return back
}
