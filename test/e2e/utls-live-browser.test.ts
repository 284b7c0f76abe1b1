/** The browsers of this machine as judges: what they send now is what our templates say of their versions. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  HelloBuilder,
  type HelloTemplate,
  parseTemplate,
  templateById,
  templates,
} from '../../src/lib/tls/index.ts'
import { aiv, temporaryFolder } from '../support/aiv.ts'
import { judge } from '../support/judge.ts'
import { differences, orderOf, type RawHello, readRawHello, valuesOf } from '../support/raw-hello.ts'

/** Of each kind: by chance one of four sizes of ECH does not come once in 10^24 times. */
const GENERATED = 200

interface Capture {
  readonly template: HelloTemplate
  /** What the browser sent, as it stands in the files that the command left. */
  readonly pages: readonly RawHello[]
  /** To servers that hung up. */
  readonly retries: readonly RawHello[]
  readonly sockets: readonly RawHello[]
  readonly addresses: readonly RawHello[]
}

async function capture(browser: string): Promise<Capture> {
  const cwd = temporaryFolder()
  const { code, stdout, stderr } = await aiv(
    ['utls', 'template', 'capture', '--browser', browser, '--hellos', 'hellos', '--json'],
    { cwd, timeoutMs: 120_000 },
  )
  expect(code, stdout + stderr).toBe(0)
  const hellos = readdirSync(join(cwd, 'hellos')).map((name) => readFileSync(join(cwd, 'hellos', name)))
  const named = (word: string): readonly RawHello[] =>
    hellos.filter((bytes) => bytes.includes(word)).map(readRawHello)
  return {
    template: parseTemplate(JSON.parse(stdout)),
    pages: named('server'),
    retries: named('busy'),
    sockets: named('socket'),
    addresses: hellos.filter((bytes) => !bytes.includes('example.test')).map(readRawHello),
  }
}

function generated(
  template: HelloTemplate,
  host = 'example.test',
  alpn?: readonly string[],
): readonly RawHello[] {
  const builder = new HelloBuilder(template)
  const request = alpn === undefined ? { host } : { host, alpn }
  return Array.from({ length: GENERATED }, () => readRawHello(builder.build(request).record))
}

/** The template that stands for this version, or the newest one, which then has to be told from the browser aloud. */
function expectedTemplate({ browser, versions: { first: major } }: HelloTemplate): {
  readonly expected: HelloTemplate
  readonly isNewer: boolean
} {
  const regular = templates().filter(
    (each) => each.browser === browser && each.transport === 'tcp' && each.trial === undefined,
  )
  const inRange = regular.findLast(({ versions }) => versions.first <= major && major <= versions.last)
  const expected = inRange ?? (regular.at(-1) as HelloTemplate)
  return { expected, isNewer: inRange === undefined }
}

/** Loud, so that a new version of a browser is noticed on the day that it reaches the machine. */
function driftReport(
  { template, pages }: Pick<Capture, 'template' | 'pages'>,
  again: readonly RawHello[],
): string {
  const { expected, isNewer } = expectedTemplate(template)
  const fields = differences(pages, again)
  if (fields.length === 0 && !isNewer) return ''
  const what =
    fields.length === 0 ? `no field differs from ${expected.id}: extend its range` : fields.join('\n')
  return `template drift: ${template.source}, compared with ${expected.id}\n${what}`
}

/** Each says one of the sizes of ECH only. */
function withoutSize(hellos: readonly RawHello[]): readonly RawHello[] {
  return hellos.map(({ extensions, fields }) => ({
    extensions,
    fields: new Map(fields).set('extension fe0d', 'any size'),
  }))
}

const chromium = judge('chromium')

describe.runIf(chromium !== undefined)('the Chromium of this machine', { timeout: 180_000 }, () => {
  it('sends what `aiv utls hello` writes for its version, and not what it writes for others', async () => {
    const captured = await capture('chromium')
    const { template, pages, retries, sockets, addresses } = captured
    const { expected } = expectedTemplate(template)
    const again = generated(expected)
    expect(driftReport(captured, again)).toBe('')
    expect(pages.length).toBeGreaterThanOrEqual(50)

    // It tries again with the same, offers less to a WebSocket, and sends no name to an address.
    for (const [sent, like] of [
      [retries, again],
      [sockets, generated(expected, 'example.test', ['http/1.1'])],
      [addresses, generated(expected, '127.0.0.1')],
    ] as const) {
      expect(sent.length).toBeGreaterThan(0)
      expect(differences(withoutSize(sent), withoutSize(like))).toEqual([])
    }

    for (const hellos of [pages, again]) {
      const orders = hellos.map(orderOf)
      expect(new Set(orders).size).toBe(hellos.length)
      for (const order of orders)
        expect(order.split('GREASE').map((part) => part === '')).toEqual([true, false, true])
    }

    const id = template.versions.first >= 152 ? 'chrome-150' : 'chrome-154'
    expect(differences(pages, generated(templateById(id)))).not.toEqual([])
  })

  it('is the one that the command and its template speak of', async () => {
    const { template, pages } = await capture('chromium')
    const { stdout } = spawnSync(chromium as string, ['--version'], { encoding: 'utf8' })
    const [, version = '', major = ''] = /((\d+)\.[\d.]+)/.exec(stdout) ?? []
    expect(template).toMatchObject({
      id: `chrome-${major}`,
      versions: { first: Number(major), last: Number(major) },
      source: expect.stringContaining(version),
    })
    expect(differences(pages, generated(template))).toEqual([])
  })

  it('sends each value that the command prints for its version', async () => {
    const { template, pages } = await capture('chromium')
    const { expected } = expectedTemplate(template)
    const { stdout } = await aiv([
      'utls',
      'hello',
      '--template',
      expected.id,
      '--sni',
      'example.test',
      '--json',
    ])
    const { record } = JSON.parse(stdout) as { readonly record: string }
    const sent = valuesOf(pages)
    for (const [name, value] of readRawHello(Buffer.from(record, 'hex')).fields)
      expect(sent.get(name), name).toContain(value)
  })
})

describe.runIf(judge('firefox-esr') !== undefined)(
  'the Firefox of this machine',
  { timeout: 180_000 },
  () => {
    it('sends what `aiv utls hello` writes for its version', async (context) => {
      const captured = await capture('firefox-esr')
      const { expected } = expectedTemplate(captured.template)
      const [major, known] = [captured.template.versions.first, expected.versions.first]
      if (major < known) {
        context.skip(`no template is of Firefox ${major}, ${known} is the next one`)
        return
      }
      const again = generated(expected)
      expect(driftReport(captured, again)).toBe('')
      expect(captured.pages.length).toBeGreaterThanOrEqual(50)
      expect(new Set([...captured.pages, ...again].map(orderOf)).size).toBe(1)
      // Compressed certificates are what it does not ask for any more when a server hung up twice.
      expect(differences(captured.retries, again).map((line) => line.split(':')[0])).toEqual([
        'extension 001b',
      ])
      expect(captured.template.extensions.filter(({ optional }) => optional).map(({ type }) => type)).toEqual(
        [0x1b],
      )
    })
  },
)

it('names every field that drifted', () => {
  const [old, now] = [templateById('chrome-150'), templateById('chrome-154')]
  const future = { ...now, versions: { first: 999, last: 999 }, source: 'captured from Chromium 999.0' }
  const sent = generated(now)
  const report = driftReport({ template: future, pages: sent }, generated(old))
  expect(report).toMatch(/^template drift: captured from Chromium 999\.0, compared with chrome-154\n/)
  expect(report).toMatch(/^extension 000d: GREASE 0904 .* <> 0904 /m)
  expect(report).toMatch(/^extension ca34: .* <> not there$/m)
  expect(driftReport({ template: future, pages: sent }, generated(now))).toMatch(
    /no field differs from chrome-154/,
  )
  expect(driftReport({ template: now, pages: sent }, generated(now))).toBe('')
})
