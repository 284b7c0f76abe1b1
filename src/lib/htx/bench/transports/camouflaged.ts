/** Sessions on htx+https: a site of one page, the hello of Chrome, and a new ticket for each connection. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromHex, type TimerClock, toHex, utf8 } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { anonymousIdentity } from '../../../identity/index.ts'
import { pinOfPem, selfSigned } from '../../../tls/index.ts'
import { type ConnectOptions, connect, type HtxSession, listen } from '../../endpoint/index.ts'
import {
  DEFAULT_POLICY_TEXT,
  DEFAULT_SITE,
  grantDocument,
  grantOf,
  newTicketKey,
  parseGrant,
  withTicketVersion,
} from '../../ticket/index.ts'
import { type BulkTransport, receiveFrom } from '../bulk.ts'
import { BENCH_ADMISSION, BENCH_MAX_SESSIONS, UNLIMITED_TICKET_RATES } from '../constants.ts'
import { openSink } from './htx.ts'

/** What a client needs beside the address; travels between the processes as JSON. */
interface Reach {
  readonly address: string
  readonly grant: Readonly<Record<string, string | number>>
  /** Hex. */
  readonly pin: string
}

export function camouflagedTransport(clock: TimerClock): BulkTransport {
  const identity = anonymousIdentity(systemRandom, clock)
  return {
    async listen(accept) {
      const key = newTicketKey(systemRandom, clock)
      const policyText = withTicketVersion(DEFAULT_POLICY_TEXT, 2)
      const tls = selfSigned({ names: ['127.0.0.1'], clock })
      const { address } = await listen('htx+https://127.0.0.1:0/feed', {
        identity,
        clock,
        tls,
        site: { decoy: { kind: 'directory', path: onePage() }, ticketSite: DEFAULT_SITE, ticketVersion: 2 },
        accessTickets: { keys: () => [key], rates: UNLIMITED_TICKET_RATES },
        admission: BENCH_ADMISSION,
        maxSessions: BENCH_MAX_SESSIONS,
        onStream: (stream) => {
          receiveFrom(stream, accept())
          stream.end()
        },
      })
      const grant = grantDocument(grantOf({ ...DEFAULT_SITE, policyText, keys: [key] }, key))
      return JSON.stringify({ address, grant, pin: toHex(pinOfPem(tls.cert)) } satisfies Reach)
    },

    async dial(reach) {
      const session = await connectTo(reach, { identity, clock })
      return { open: async () => openSink(session), close: async () => void (await session.close()) }
    },
  }
}

/** @param where an address, or what the listener of this file gave */
export async function connectTo(where: string, options: ConnectOptions): Promise<HtxSession> {
  if (!where.startsWith('{')) return await connect(where, options)
  const { address, grant, pin } = JSON.parse(where) as Reach
  return await connect(address, {
    ...options,
    accessGrant: parseGrant(utf8(JSON.stringify(grant))),
    dial: { pins: [fromHex(pin)] },
  })
}

function onePage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aiv-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Home</title><p>Nothing to see.</p>\n')
  return folder
}
