import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import {
  acceptService,
  echoService,
  HtxMetrics,
  openRawService,
  refusal,
  streamsOf,
} from '../../../src/lib/htx/index.ts'
import {
  DEFAULT_POLICY_TEXT,
  DEFAULT_SITE,
  grantOf,
  newTicketKey,
} from '../../../src/lib/htx/ticket/index.ts'
import { judge } from '../../support/judge.ts'
import {
  connectTo,
  dialAddress,
  elapse,
  freePlace,
  identityOf,
  Probe,
  START_MS,
  startListener,
  turns,
  until,
} from '../endpoint/endpoints.ts'
import { gainTicket, presentTicket, ticketFile, visit } from '../resumption/tickets.ts'
import { readPage } from './samples.ts'

/** Names and types of section 12.4. */
const FAMILIES = {
  htx_sessions: 'gauge',
  htx_handshakes_total: 'counter',
  htx_handshake_seconds: 'histogram',
  htx_streams: 'gauge',
  htx_bytes_total: 'counter',
  htx_frames_total: 'counter',
  htx_rekeys_total: 'counter',
  htx_resumptions_total: 'counter',
  htx_tickets_total: 'counter',
  htx_ping_seconds: 'histogram',
  htx_buffered_bytes: 'gauge',
  htx_closes_total: 'counter',
  htx_forward_connections_total: 'counter',
}

async function watched() {
  const clock = new ManualClock(START_MS)
  const metrics = new HtxMetrics(clock)
  const services = metrics.countServices({
    echo: echoService,
    tcp: async () => {
      throw refusal('not for you')
    },
  })
  const running = await startListener({
    clock,
    observer: metrics,
    onStream: (stream, session) => void acceptService(stream, session, { clock, services }),
  })
  const value = (name: string): number | undefined => readPage(metrics.text()).samples.get(name)
  return { clock, metrics, running, value }
}

describe('the metrics of a listener', () => {
  it('have the names and types of the specification, and every line fits the text format', async () => {
    const { metrics, running } = await watched()
    await connectTo(running)
    await turns(4)
    expect(Object.fromEntries(readPage(metrics.text()).types)).toEqual(FAMILIES)
  })

  const promtool = judge('promtool')
  it.runIf(promtool !== undefined)('pass the check of Prometheus itself', async () => {
    const { metrics, running } = await watched()
    await openRawService(await connectTo(running), 'echo')
    const { status, stdout, stderr } = spawnSync(promtool as string, ['check', 'metrics'], {
      input: metrics.text(),
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect([status, stdout + stderr]).toEqual([0, ''])
  })

  it('count a session while it lives and keep what it moved when it is over', async () => {
    const { metrics, running, value } = await watched()
    const session = await connectTo(running)
    const stream = await openRawService(session, 'echo')
    stream.end(Buffer.alloc(100_000))
    stream.resume()
    expect([value('htx_sessions{state="open"}'), value('htx_streams{side="remote"}')]).toEqual([1, 1])
    await once(stream, 'end')
    await turns(4)
    const before = metrics.sessions[0]?.session.statistics
    await session.close()
    await running.sessions[0]?.closed
    await turns(2)
    expect(value('htx_sessions{state="open"}')).toBe(0)
    expect(value('htx_closes_total{code="OK"}')).toBe(1)
    expect(value('htx_bytes_total{dir="received"}')).toBeGreaterThanOrEqual(before?.bytesReceived as number)
    expect(value('htx_bytes_total{dir="sent"}')).toBeGreaterThan(100_000)
    expect(metrics.sessions).toEqual([])
  })

  it('agree with the other side on every kind of frame', async () => {
    const { clock, running, value } = await watched()
    const client = new HtxMetrics(clock)
    const session = await connectTo(running, { observer: client })
    const stream = await openRawService(session, 'echo')
    stream.on('error', () => {})
    stream.end(Buffer.alloc(3_000_000))
    stream.resume()
    await once(stream, 'end')
    await session.ping()
    await turns(6)
    const theirs = readPage(client.text()).samples
    for (const type of ['stream', 'ping', 'window_update', 'key_update', 'close', 'control']) {
      expect(theirs.get(`htx_frames_total{dir="sent",type="${type}"}`)).toBe(
        value(`htx_frames_total{dir="received",type="${type}"}`),
      )
    }
    expect(value('htx_frames_total{dir="received",type="ping"}')).toBeGreaterThan(0)
    expect(value('htx_frames_total{dir="sent",type="window_update"}')).toBeGreaterThan(0)
  })

  it('tell what became of links that led to no session', async () => {
    const { clock, running, value } = await watched()
    const prober = new Probe(await dialAddress(running.listener.address), clock)
    prober.link.write([new Uint8Array(2000).fill(7)])
    await turns(4)
    const gone = new Probe(await dialAddress(running.listener.address), clock)
    gone.link.abort()
    await elapse(clock, 20_000)
    expect(value('htx_handshakes_total{result="silent"}')).toBe(1)
    expect(value('htx_handshakes_total{result="lost"}')).toBe(1)
    expect(value('htx_handshakes_total{result="accepted"}')).toBe(0)
    expect(value('htx_handshake_seconds_count')).toBe(0)
  })

  it('count services by how their streams began', async () => {
    const { running, value } = await watched()
    const session = await connectTo(running)
    await openRawService(session, 'echo')
    await expect(openRawService(session, 'tcp')).rejects.toMatchObject({ code: 'E_SERVICE_REFUSED' })
    expect(value('htx_forward_connections_total{service="echo",result="accepted"}')).toBe(1)
    expect(value('htx_forward_connections_total{service="tcp",result="refused"}')).toBe(1)
    expect(value('htx_forward_connections_total{service="tcp",result="accepted"}')).toBe(0)
  })

  it('count what this side opened by what became of it, beside what it serves', async () => {
    const { metrics, running, value } = await watched()
    const session = await connectTo(running)
    const open = metrics.countOpens(streamsOf(session))
    await open('echo', {}, {})
    await expect(open('tcp', {}, {})).rejects.toMatchObject({ code: 'E_SERVICE_REFUSED' })
    session.abort()
    await session.closed
    await expect(open('udp', {}, {})).rejects.toMatchObject({ code: 'E_SESSION_CLOSED' })
    const count = (service: string, result: string): number | undefined =>
      value(`htx_forward_connections_total{service="${service}",result="${result}"}`)
    // The listener counts with the same object here: once for each side.
    expect([count('echo', 'accepted'), count('tcp', 'refused')]).toEqual([2, 2])
    expect([count('udp', 'failed'), count('udp', 'refused'), count('echo', 'failed')]).toEqual([1, 0, 0])
    metrics.countServices({ echo: echoService })
    expect(count('echo', 'accepted')).toBe(2)
  })

  it('put round trips and handshakes into the bucket of their time', async () => {
    const metrics = new HtxMetrics(new ManualClock(START_MS))
    metrics.handshake('accepted', 30)
    metrics.roundTrip(0.25)
    metrics.roundTrip(20_000)
    const { samples } = readPage(metrics.text())
    expect(samples.get('htx_handshake_seconds_bucket{le="0.025"}')).toBe(0)
    expect(samples.get('htx_handshake_seconds_bucket{le="0.05"}')).toBe(1)
    expect(samples.get('htx_ping_seconds_bucket{le="0.00025"}')).toBe(1)
    expect(samples.get('htx_ping_seconds_bucket{le="15"}')).toBe(1)
    expect(samples.get('htx_ping_seconds_bucket{le="+Inf"}')).toBe(2)
    expect(samples.get('htx_ping_seconds_sum')).toBeCloseTo(20.00025)
  })

  it('name no peer and no address, and a code of the peer makes no series of its own', async () => {
    const { metrics, running, value } = await watched()
    for (const code of [0x4001, 0x4002]) {
      const session = await connectTo(running)
      await session.close(code)
      await turns(4)
    }
    await connectTo(running)
    expect(value('htx_closes_total{code="other"}')).toBe(2)
    expect(metrics.text()).not.toMatch(/ciq[a-z2-7]{20}|127\.0\.0\.1|place\d/)
  })
})

describe('the metrics of tickets', () => {
  it('count who resumed and who could not, on both sides', async () => {
    const { running, clock, value } = await watched()
    const client = new HtxMetrics(clock)
    const resumption = ticketFile(running)
    await visit(running, { resumption })
    const session = await connectTo(running, { resumption, observer: client })
    await session.ping()
    await turns(4)
    const taken = readPage(client.text()).samples.get('htx_resumptions_total{result="accepted"}')
    expect([taken, value('htx_resumptions_total{result="accepted"}')]).toEqual([1, 1])
    expect(value('htx_resumptions_total{result="refused"}')).toBe(0)
    const held = await gainTicket(running)
    await presentTicket(running, { ...held, handle: new Uint8Array(16) })
    await until(() => value('htx_resumptions_total{result="refused"}') === 1, 'the refusal')
  })

  it('count holders of access tickets and those without', async () => {
    const clock = new ManualClock(START_MS)
    const metrics = new HtxMetrics(clock)
    const key = newTicketKey(new SeededRandom(3), clock)
    const grant = grantOf({ policyText: DEFAULT_POLICY_TEXT, ...DEFAULT_SITE, keys: [key] }, key)
    const running = await startListener({ clock, observer: metrics, accessTickets: { keys: () => [key] } })
    await connectTo(running, { accessGrant: grant })
    const stranger = connectTo(running).catch((error: unknown) => error)
    await elapse(clock, 11_000)
    await stranger
    const { samples } = readPage(metrics.text())
    expect(samples.get('htx_tickets_total{result="accepted"}')).toBe(1)
    expect(samples.get('htx_tickets_total{result="malformed"}')).toBe(1)
    expect(samples.get('htx_tickets_total{result="replayed"}')).toBe(0)
  })
})

describe('the metrics of a client', () => {
  it('tell a listener that stayed silent from one that refused', async () => {
    const { clock, running } = await watched()
    const metrics = new HtxMetrics(clock)
    const { listener: other } = await startListener({ clock, identity: identityOf(7) }, freePlace())
    const wrongKey = running.listener.address.replace(/x=\w+/, /x=\w+/.exec(other.address)?.[0] as string)
    const attempt = connectTo(
      { listener: { ...running.listener, address: wrongKey } as never, clock },
      {
        observer: metrics,
      },
    ).catch((error: unknown) => error)
    await elapse(clock, 11_000)
    await attempt
    const { samples } = readPage(metrics.text())
    expect(samples.get('htx_handshakes_total{result="timeout"}')).toBe(1)
    expect(samples.get('htx_sessions{state="open"}')).toBe(0)
  })

  it('show a session that drains and one that was lost', async () => {
    const { clock, running } = await watched()
    const metrics = new HtxMetrics(clock)
    const session = await connectTo(running, { observer: metrics })
    const stream = await openRawService(session, 'echo')
    stream.on('error', () => {})
    void session.drain()
    const value = (name: string) => readPage(metrics.text()).samples.get(name)
    expect(value('htx_sessions{state="draining"}')).toBe(1)
    session.abort()
    await until(() => value('htx_closes_total{code="link-lost"}') === 1, 'the end of the session')
  })
})
