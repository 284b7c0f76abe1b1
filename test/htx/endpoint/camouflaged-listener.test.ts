import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/lib/core/index.ts'
import { systemRandom } from '../../../src/lib/crypto/index.ts'
import { connect, listen } from '../../../src/lib/htx/endpoint/index.ts'
import type { Observer } from '../../../src/lib/htx/observe/index.ts'
import {
  DEFAULT_SITE,
  grantOf,
  newTicketKey,
  type TicketGrant,
  type TicketKey,
} from '../../../src/lib/htx/ticket/index.ts'
import { pinOfPem, selfSigned } from '../../../src/lib/tls/index.ts'

const policyText = 'BN-Ticket: v2; carriers=cookie:0.5,query:0.5,body:0; len=24..64'

function grantFor(key: TicketKey): TicketGrant {
  return grantOf({ ...DEFAULT_SITE, policyText, keys: [key] }, key)
}

/** What anybody sees. */
async function visit(port: number): Promise<string> {
  const [response] = (await once(
    get({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false }),
    'response',
  )) as [IncomingMessage]
  let body = ''
  for await (const chunk of response) body += chunk
  return body
}

describe('a listener that is a web site', () => {
  it('counts what becomes of tickets, and nothing for visitors without one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aiv-test-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'index.html'), 'bread')
    const tls = selfSigned({ names: ['127.0.0.1'], clock: systemClock })
    const [key, other] = [newTicketKey(systemRandom, systemClock), newTicketKey(systemRandom, systemClock)]
    const outcomes: string[] = []
    const observer: Observer = {
      accessTicket: (outcome) => void outcomes.push(outcome),
      sessionStarted: () => {},
      handshake: () => {},
      resumption: () => {},
      roundTrip: () => {},
    }
    const listener = await listen('htx+https://127.0.0.1:0/feed', {
      tls,
      site: { decoy: { kind: 'directory', path: folder }, ticketSite: DEFAULT_SITE, ticketVersion: 2 },
      accessTickets: { keys: () => [key] },
      observer,
    })
    onTestFinished(() => listener.close(0))
    const { address, port } = listener
    const dial = { pins: [pinOfPem(tls.cert)] }
    const session = await connect(address, { accessGrant: grantFor(key), dial })
    await session.ping()
    await session.close()
    await expect(connect(address, { accessGrant: grantFor(other), dial })).rejects.toMatchObject({
      code: 'E_HANDSHAKE',
    })
    const page = await visit(port)
    expect([page, outcomes]).toEqual(['bread', ['accepted', 'unknown-key']])
  })
})
