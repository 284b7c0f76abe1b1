import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { DROP_REASONS } from '../../../src/lib/mix/drop-reason.ts'
import { MetricsPage } from '../../../src/lib/mix/metrics/prometheus.ts'

/** A line of a sample in the text format, version 0.0.4: name, labels, value. */
const SAMPLE = /^[a-zA-Z_:][a-zA-Z0-9_:]*(?:\{[a-zA-Z_][a-zA-Z0-9_]*="[^"\\\n]*"\})? [0-9]+$/
const COMMENT = /^# (?:HELP [a-zA-Z_:][a-zA-Z0-9_:]* \S.*|TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (?:counter|gauge))$/

function samples(text: string): Map<string, number> {
  const found = new Map<string, number>()
  for (const line of text.split('\n').slice(0, -1)) {
    if (line.startsWith('#')) expect(line).toMatch(COMMENT)
    else {
      expect(line).toMatch(SAMPLE)
      const [name, value] = line.split(' ') as [string, string]
      expect(found.has(name)).toBe(false)
      found.set(name, Number(value))
    }
  }
  expect(text.endsWith('\n')).toBe(true)
  return found
}

const COUNTS = {
  received: 100,
  forwarded: 60,
  delivered: 10,
  dropped: { bad_mac: 7, replayed: 20 },
  queued: 3,
} as const

it('says what became of all packets, and the reasons of drops sum up to what is missing', () => {
  const found = samples(new MetricsPage(new ManualClock(), () => COUNTS).text())
  expect(found.get('aiv_mix_received_packets_total')).toBe(100)
  expect(found.get('aiv_mix_dropped_packets_total{reason="replayed"}')).toBe(20)
  const drops = [...found].filter(([name]) => name.startsWith('aiv_mix_dropped'))
  expect(drops).toHaveLength(DROP_REASONS.length)
  const sum = drops.reduce((all, [, count]) => all + count, 0)
  const rest = ['forwarded_packets_total', 'delivered_packets_total', 'queued_packets'].reduce(
    (all, name) => all + (found.get(`aiv_mix_${name}`) as number),
    0,
  )
  expect(sum + rest).toBe(100)
})

it('does not change within a second, so that nobody can time a packet by asking', () => {
  const clock = new ManualClock()
  const counts = { ...COUNTS, received: 1 }
  const page = new MetricsPage(clock, () => counts)
  const before = page.text()
  counts.received = 2
  clock.advance(999)
  expect(page.text()).toBe(before)
  clock.advance(1)
  expect(samples(page.text()).get('aiv_mix_received_packets_total')).toBe(2)
})
