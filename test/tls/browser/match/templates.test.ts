import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../../src/lib/core/index.ts'
import { HelloBuilder, matchHello, templates } from '../../../../src/lib/tls/index.ts'

const written = templates().filter(({ transport }) => transport === 'tcp')

const REQUESTS = [
  { host: 'example.test' },
  { host: 'a-much-longer-name.of-some-department.example.org' },
  { host: '192.0.2.7' },
  { host: 'example.test', alpn: ['http/1.1'] },
]

describe.each(written.map((template) => [template.id, template] as const))(
  'a hello of %s',
  (_id, template) => {
    it('is of its versions, or of a range that holds them', () => {
      const builder = new HelloBuilder(template, new SeededRandom(3))
      for (let i = 0; i < 60; i++) {
        const { hello } = builder.build(REQUESTS[i % REQUESTS.length] as (typeof REQUESTS)[number])
        const match = matchHello(hello, 'tcp')
        expect(match).toMatchObject({ verdict: 'match', browser: template.browser })
        if (match.verdict !== 'match') continue
        if (template.trial === undefined) expect(match.templates).toContain(template.id)
        expect(match.versions.first).toBeLessThanOrEqual(template.versions.first)
        expect(match.versions.last).toBeGreaterThanOrEqual(template.versions.last)
      }
    })
  },
)

describe('a hello of a page', () => {
  it('is of no other version than those of its template', () => {
    for (const template of written.filter(({ trial }) => trial === undefined)) {
      const { hello } = new HelloBuilder(template, new SeededRandom(4)).build({ host: 'example.test' })
      expect(matchHello(hello, 'tcp')).toMatchObject({
        versions: template.versions,
        templates: [template.id],
      })
    }
  })

  it('of a field trial is named with it', () => {
    for (const template of written.filter(({ trial }) => trial !== undefined)) {
      const { hello } = new HelloBuilder(template, new SeededRandom(5)).build({ host: 'example.test' })
      expect(matchHello(hello, 'tcp')).toMatchObject({ verdict: 'match', trial: template.trial })
    }
  })

  it('in QUIC is not that of a page over TCP', () => {
    const { hello } = new HelloBuilder(written.at(-2) as never, new SeededRandom(6)).build({ host: 'a.test' })
    expect(matchHello(hello, 'quic').verdict).toBe('unknown')
    expect(matchHello(hello, 'dtls').verdict).toBe('unknown')
  })
})
