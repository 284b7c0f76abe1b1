import { SaxesParser } from 'saxes'
import { describe, expect, it } from 'vitest'
import { AivError, SeededRandom, utf8 } from '../../../src/lib/core/index.ts'
import { observe, readTrace, svgCharts, traceLines, traceSvg } from '../../../src/lib/mix/analysis/index.ts'
import { SIM_DEFAULTS, simulate } from '../../../src/lib/mix/sim/index.ts'

const HEAD = '{"v":1,"trace":"mix","mean_delay_us":33000,"nodes":[{"id":"a"},{"id":"b"}]}'
const VISIT = '{"node":"a","in_us":1,"out_us":5,"in":"x","out":"y"}'

async function read(...lines: readonly string[]) {
  const bytes = new TextEncoder().encode(lines.join('\n'))
  return await readTrace(
    (async function* () {
      // Lines and characters do not end where chunks do.
      for (let i = 0; i < bytes.length; i += 7) yield bytes.subarray(i, i + 7)
    })(),
  )
}

describe('a trace as JSON lines', () => {
  it('is read as it was written', async () => {
    const trace = simulate({ ...SIM_DEFAULTS, clients: 6, durationMs: 1_200 })
    const again = await read(...traceLines(trace))
    expect(again.hops).toEqual(trace.hops)
    expect(again.nodes).toEqual(trace.nodes)
    const named = ({ clients, sends, receives }: typeof trace) =>
      [sends, receives].map((list) =>
        list.map(({ client, ...rest }) => ({ ...rest, client: clients[client] })),
      )
    expect(named(again)).toEqual(named(trace))
  })

  it('joins visits by their tags, in whatever order they stand', async () => {
    const { hops, sends } = await read(
      HEAD,
      '{"node":"b","in_us":6,"out_us":9,"in":"y","out":"z"}',
      '{"send":"c","at_us":0,"kind":"real","out":"x"}',
      VISIT,
    )
    expect([...hops.previous]).toEqual([1, -1])
    expect([...hops.next]).toEqual([-1, 0])
    expect(sends).toEqual([{ client: 0, atUs: 0, kind: 'real', hop: 1 }])
  })

  it.each([
    ['nothing', []],
    ['no network', [VISIT]],
    ['another version', ['{"v":2,"trace":"mix","nodes":[{"id":"a"}]}']],
    ['no nodes', ['{"v":1,"trace":"mix","nodes":[]}']],
    ['a node twice', ['{"v":1,"trace":"mix","nodes":[{"id":"a"},{"id":"a"}]}']],
    ['two networks', [HEAD, HEAD]],
    ['no JSON', [HEAD, '{']],
    ['no object', [HEAD, '[]']],
    ['an unknown node', [HEAD, VISIT.replace('"a"', '"q"')]],
    ['a node named like a property of all objects', [HEAD, VISIT.replace('"a"', '"__proto__"')]],
    ['a packet that leaves before it came', [HEAD, VISIT.replace('5', '0')]],
    ['a time that is none', [HEAD, VISIT.replace('1', '1.5')]],
    ['a negative time', [HEAD, VISIT.replace('1', '-1')]],
    ['a tag twice', [HEAD, VISIT, VISIT]],
    ['a circle', [HEAD, VISIT, '{"node":"b","in_us":2,"out_us":9,"in":"y","out":"x"}']],
    ['an unknown kind', [HEAD, '{"send":"c","at_us":0,"kind":"odd"}']],
    ['a name without end', [HEAD, `{"send":"${'c'.repeat(200)}","at_us":0,"kind":"real"}`]],
    ['something else', [HEAD, '{"what":1}']],
  ])('is refused with %s', async (_, lines) => {
    await expect(read(...lines)).rejects.toMatchObject({ code: 'E_MALFORMED' })
  })

  it('is refused with a line that does not end', async () => {
    const endless = (async function* () {
      for (;;) yield utf8('x'.repeat(65_536))
    })()
    await expect(readTrace(endless)).rejects.toMatchObject({ code: 'E_TOO_LARGE' })
  })

  it('with random damage is read or refused, never more', async () => {
    const whole = [...traceLines(simulate({ ...SIM_DEFAULTS, clients: 2, rate: 5, durationMs: 1_200 }))].join(
      '\n',
    )
    const random = new SeededRandom(3)
    let refused = 0
    for (let i = 0; i < 500; i++) {
      const at = random.below(whole.length)
      const damaged = whole.slice(0, at) + String.fromCharCode(32 + random.below(95)) + whole.slice(at + 1)
      const error = await read(damaged).catch((thrown: unknown) => thrown)
      if (error instanceof Error) {
        refused++
        expect(error).toBeInstanceOf(AivError)
      }
    }
    expect(refused).toBeGreaterThan(100)
  })
})

/** All text of a document, by a parser that is not ours. */
function xmlText(document: string): string {
  const parser = new SaxesParser()
  let text = ''
  parser.on('text', (part) => (text += part))
  parser.on('error', (error) => {
    throw error
  })
  parser.write(document).close()
  return text
}

describe('a plot', () => {
  it('is well-formed XML that names what it shows', () => {
    const text = xmlText(traceSvg(observe(simulate({ ...SIM_DEFAULTS, clients: 20, durationMs: 3_000 }))))
    expect(text).toContain('Delays at the nodes')
    expect(text).toContain('bits')
  })

  it('stays so with any text and any numbers', () => {
    const points = [
      [Number.NaN, 1],
      [0, Number.POSITIVE_INFINITY],
      [1, 0],
    ] as const
    const odd = { title: '</text><&]]>\u0000\ud800', x: '"', y: "'", series: [{ name: '<', points }] }
    for (const isLogarithmic of [false, true])
      expect(xmlText(svgCharts([{ ...odd, isLogarithmic }]))).toContain('<&]]>')
    expect(xmlText(svgCharts([{ ...odd, series: [] }]))).toContain('"')
    expect(svgCharts([odd])).not.toContain('NaN')
  })
})
