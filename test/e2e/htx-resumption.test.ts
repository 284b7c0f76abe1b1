/** Resumption between processes: restarts, kills, and two that share what there is to share. */
import { copyFileSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type AivProcess, aiv, startAiv, temporaryFolder } from '../support/aiv.ts'

const TIMEOUT = { timeout: 120_000 }
/** A ticket that the listener does not know costs its client a wait of three seconds. */
const SILENCE_MS = 3_000

interface Place {
  readonly home: string
  readonly key: string
  readonly tickets: string
  readonly env: Readonly<Record<string, string>>
}

interface Ping {
  readonly resumed: boolean
  readonly connect_ms: number
}

async function newPlace(): Promise<Place> {
  const home = temporaryFolder()
  const key = join(home, 'server.json')
  const env = { AIV_HOME: join(home, 'state') }
  expect(await aiv(['key', 'new', '--out', key], { env })).toMatchObject({ code: 0 })
  return { home, key, tickets: join(home, 'tickets.json'), env }
}

async function listen(
  { key, env }: Place,
  port = 0,
): Promise<AivProcess & { readonly address: string; readonly port: number }> {
  const running = startAiv(
    ['htx', 'listen', `htx+tcp://127.0.0.1:${port}`, '--key', key, '--echo', '--json'],
    { env, timeoutMs: 100_000 },
  )
  const { address } = await running.nextEvent()
  return { ...running, address: String(address), port: Number(/:(\d+)\?/.exec(String(address))?.[1]) }
}

async function ping(address: string, { env }: Place, tickets: string): Promise<Ping> {
  const { code, stdout, stderr } = await aiv(
    ['htx', 'ping', address, '--count', '1', '--resume', tickets, '--json'],
    { env },
  )
  expect(code, stdout + stderr).toBe(0)
  return JSON.parse(stdout) as Ping
}

async function kill({ child, result }: AivProcess): Promise<void> {
  child.kill('SIGKILL')
  await result()
}

describe('resumption between processes', () => {
  it('shows in the answers and events of both sides', TIMEOUT, async () => {
    const place = await newPlace()
    const listener = await listen(place)
    expect(await ping(listener.address, place, place.tickets)).toMatchObject({ resumed: false })
    expect(statSync(place.tickets).mode & 0o777).toBe(0o600)
    expect(await ping(listener.address, place, place.tickets)).toMatchObject({ resumed: true })
    const events = [await listener.nextEvent(), await listener.nextEvent(), await listener.nextEvent()]
    expect(events).toMatchObject([
      { event: 'session', resumed: false },
      { event: 'closed' },
      { event: 'session', resumed: true },
    ])
    expect(events[2]?.peer).toBe(events[0]?.peer)
  })

  it('survives the kill of a listener, and what was used stays used', TIMEOUT, async () => {
    const place = await newPlace()
    const first = await listen(place)
    await ping(first.address, place, place.tickets)
    const copy = join(place.home, 'copy.json')
    copyFileSync(place.tickets, copy)
    expect(await ping(first.address, place, place.tickets)).toMatchObject({ resumed: true })
    await kill(first)
    const second = await listen(place, first.port)
    expect(await ping(second.address, place, place.tickets)).toMatchObject({ resumed: true })
    const again = await ping(second.address, place, copy)
    expect(again.resumed).toBe(false)
    expect(again.connect_ms).toBeGreaterThan(SILENCE_MS)
  })

  it('gives one ticket to one of two listeners on one home', TIMEOUT, async () => {
    const place = await newPlace()
    const [one, other] = [await listen(place), await listen(place)]
    await ping(one.address, place, place.tickets)
    const copy = join(place.home, 'copy.json')
    copyFileSync(place.tickets, copy)
    const both = await Promise.all([
      ping(one.address, place, place.tickets),
      ping(other.address, place, copy),
    ])
    expect(both.map(({ resumed }) => resumed).toSorted()).toEqual([false, true])
  })

  it('gives each ticket of a file to one of several clients', TIMEOUT, async () => {
    const place = await newPlace()
    const { address } = await listen(place)
    await ping(address, place, place.tickets)
    const pings = await Promise.all([1, 2, 3].map(() => ping(address, place, place.tickets)))
    expect(pings.filter(({ resumed }) => resumed).length).toBeGreaterThanOrEqual(2)
    expect(pings.filter(({ connect_ms }) => connect_ms >= SILENCE_MS)).toEqual([])
  })

  it('leaves no used ticket to the next client when one is killed, whenever', TIMEOUT, async () => {
    const place = await newPlace()
    const { address } = await listen(place)
    await ping(address, place, place.tickets)
    for (const ms of [250, 300, 350, 400, 450, 500, 600]) {
      const client = startAiv(['htx', 'ping', address, '--count', '20', '--resume', place.tickets], {
        env: place.env,
      })
      await pause(ms)
      await kill(client)
      JSON.parse(readFileSync(place.tickets, 'utf8'))
    }
    for (let i = 0; i < 3; i++) {
      const { connect_ms } = await ping(address, place, place.tickets)
      expect(connect_ms).toBeLessThan(SILENCE_MS)
    }
  })
})
