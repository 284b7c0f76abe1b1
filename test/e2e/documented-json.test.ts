/** The JSON that the operator's pages show has the fields that the commands print: no more, no fewer, of those types. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type AivResult, aiv, REPOSITORY, startAiv, temporaryFolder } from '../support/aiv.ts'
import { keyLogOf, recordedSessions, recordingOf } from '../support/recordings.ts'

type Json = Readonly<Record<string, unknown>>

function page(name: string): string {
  return readFileSync(join(REPOSITORY, 'docs', name), 'utf8')
}

/** The one block of JSON on a page. */
function sample(name: string): string {
  const blocks = [...page(name).matchAll(/^```json\n(.*?)^```$/gms)].map(([, text]) => text as string)
  expect(blocks).toHaveLength(1)
  return blocks[0] as string
}

function lines(text: string): readonly Json[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json)
}

/** Every field with its type; elements of an array are one. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf).slice(0, 1)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]))
}

/** Frames whose fields are the same: those of one type, record, and set of flags. */
function kindOf({ type, record, flags, last_stream: last }: Json): string {
  return JSON.stringify([type, record, flags, last !== undefined])
}

/** A session over which so much was echoed that windows had to be moved, and what it said about itself. */
async function echoed(): Promise<{ readonly cwd: string; readonly status: Json; readonly quick: Json }> {
  const cwd = temporaryFolder()
  const env = { AIV_HOME: join(cwd, 'home') }
  const listener = startAiv(['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--json'], { cwd, env })
  const { address } = await listener.nextEvent()
  const files = ['--record', 'session.rec', '--keylog', 'keys.log']
  const client = startAiv(['htx', 'connect', String(address), ...files, '--json'], { cwd, env })
  for (;;) if ((await client.nextEvent()).event === 'connected') break
  client.child.stdin.write('x'.repeat(2_000_000))
  const ask = async (interval: string): Promise<Json> => {
    const { stdout } = await aiv(['htx', 'status', '--json', '--interval', interval], { env })
    return JSON.parse(stdout) as Json
  }
  const [status, quick] = [await ask('50ms'), await ask('0')]
  client.child.stdin.end()
  expect((await client.result()).code).toBe(0)
  listener.child.kill('SIGTERM')
  await listener.result()
  return { cwd, status, quick }
}

async function decode(cwd: string): Promise<AivResult> {
  return await aiv(['htx', 'decode', 'session.rec', '--keylog', 'keys.log', '--json'], { cwd })
}

/** Fields that the table of the page names. */
function documentedFields(name: string): ReadonlySet<string> {
  const rows = [...page(name).matchAll(/^\| (`[^|]*) \|(.*)\|$/gm)]
  const names = rows.flatMap(([, first, second]) => [
    ...[...(first as string).matchAll(/`([a-z_]+)`/g)].map(([, field]) => field as string),
    ...[...(second as string).matchAll(/`([a-z_]+)`/g)].map(([, field]) => field as string),
  ])
  return new Set(names)
}

describe('the JSON that the pages show', () => {
  it('is that of aiv htx status and of aiv htx decode', { timeout: 90_000 }, async () => {
    const { cwd, status, quick } = await echoed()
    const processes = status.processes as readonly { readonly role: string; readonly sessions: Json[] }[]
    expect(processes.map(({ role }) => role).toSorted()).toEqual(['connect', 'listen'])
    const shown = JSON.parse(sample('operations.md')) as Json
    for (const process of processes)
      expect(shapeOf({ ...status, processes: [process] })).toEqual(shapeOf(shown))
    const [first] = quick.processes as typeof processes
    expect(Object.keys(first?.sessions[0] ?? {})).not.toContain('sent_per_s')

    const real = lines((await decode(cwd)).stdout)
    const kinds = new Map(real.map((frame) => [kindOf(frame), frame]))
    for (const frame of lines(sample('decode.md'))) {
      expect([...kinds.keys()]).toContain(kindOf(frame))
      expect(shapeOf(kinds.get(kindOf(frame)))).toEqual(shapeOf(frame))
    }
    const fields = documentedFields('decode.md')
    for (const frame of real) for (const key of Object.keys(frame)) expect([...fields]).toContain(key)
  })

  it('names every field of the recorded sessions', async (context) => {
    const sessions = recordedSessions()
    if (sessions.length === 0) {
      context.skip('no conformance files')
      return
    }
    const fields = documentedFields('decode.md')
    const seen = new Set<string>()
    for (const session of sessions.slice(0, 2)) {
      const cwd = temporaryFolder()
      writeFileSync(join(cwd, 'session.rec'), recordingOf(session))
      writeFileSync(join(cwd, 'keys.log'), keyLogOf(session))
      for (const frame of lines((await decode(cwd)).stdout))
        for (const key of Object.keys(frame)) seen.add(key)
    }
    for (const field of seen) expect([...fields]).toContain(field)
    expect([...seen]).toEqual(expect.arrayContaining(['next', 'credit', 'last_stream', 'code_name']))
  })
})
