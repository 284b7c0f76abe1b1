import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type AivResult, aiv, startAiv, temporaryFolder } from '../support/aiv.ts'
import {
  keyLogOf,
  type RecordedSession,
  record,
  recordedSessions,
  recording,
  recordingOf,
} from '../support/recordings.ts'

const SESSIONS = recordedSessions()

function json(result: AivResult): Record<string, unknown>[] {
  return result.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe.skipIf(SESSIONS.length === 0)('aiv htx decode', () => {
  const session = SESSIONS[1] as RecordedSession

  async function decode(...args: readonly string[]): Promise<AivResult> {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'session.rec'), recordingOf(session))
    writeFileSync(join(cwd, 'keys.log'), keyLogOf(session))
    return await aiv(['htx', 'decode', ...args], { cwd, input: recordingOf(session) })
  }

  it('prints one JSON line for each frame, from a file or from a pipe', async () => {
    const result = await decode('session.rec', '--keylog', 'keys.log', '--json')
    expect([result.code, result.stderr]).toEqual([0, ''])
    const frames = json(result)
    expect(frames).toHaveLength(session.frames.length)
    expect(frames.find(({ dir, seq }) => dir === 'c' && seq === 0)).toEqual({
      v: 1,
      dir: 'c',
      seq: 0,
      generation: 0,
      type: 'STREAM',
      stream: 1,
      length: 7,
      flags: ['OPEN'],
      weight: 16,
      data: '68656c6c6f',
    })
    expect(frames.find(({ type, dir }) => type === 'CLOSE' && dir === 's')).toMatchObject({
      code: 0x8001,
      code_name: 'DRAIN',
      last_stream: 16_387,
    })
    for (const args of [[], ['-']])
      expect((await decode(...args, '--keylog', 'keys.log', '--json')).stdout).toBe(result.stdout)
  })

  it('prints the headers alone without keys, and no data with --no-data', async () => {
    for (const frame of json(await decode('session.rec', '--json'))) {
      const { stream, ...rest } = frame
      expect(Object.keys(rest)).toEqual(['v', 'dir', 'seq', 'generation', 'type', 'length'])
    }
    const { stdout } = await decode('session.rec', '--keylog', 'keys.log', '--json', '--no-data')
    expect(stdout).not.toContain('"data"')
    expect(stdout).toContain('"flags":["OPEN"]')
  })

  it('prints a table for people', async () => {
    const { stdout } = await decode('session.rec', '--keylog', 'keys.log')
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(session.frames.length + 1)
    expect(lines[0]).toMatch(/^dir +seq +gen +type +stream +length +content$/)
    expect(lines.find((line) => line.includes('68656c6c6f'))).toMatch(
      /^c +0 +0 +STREAM +1 +7 +OPEN weight=16 data=68656c6c6f$/,
    )
  })

  it('takes one direction as hex', async () => {
    const result = await aiv(['htx', 'decode', '--direction', 'c', '--json'], {
      input: session.wire_client_to_server,
    })
    expect(json(result)).toHaveLength(session.frames.filter(({ direction }) => direction === 'c').length)
  })

  it('ends with 1 and the frames before it when the keys do not fit', async () => {
    const cwd = temporaryFolder()
    const bytes = recordingOf(session)
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1
    writeFileSync(join(cwd, 'keys.log'), keyLogOf(session))
    const result = await aiv(['htx', 'decode', '--keylog', 'keys.log', '--json'], { cwd, input: bytes })
    const lines = json(result)
    expect(result.code).toBe(1)
    expect(lines).toHaveLength(session.frames.length)
    expect(lines.at(-1)).toMatchObject({ error: { code: 'E_AUTHENTICATION' } })
  })

  it('says of htx+tcp that filters match it and that it is found by its header', async () => {
    const { stdout, code } = await decode('session.rec', '--detect')
    expect(code).toBe(0)
    expect(stdout).toContain('not exempt')
    expect(stdout).toContain('HTX in the open')
    expect(json(await decode('session.rec', '--detect', '--json'))).toEqual([
      {
        v: 1,
        bytes: session.wire_message_1.length / 2,
        bits_per_byte: expect.closeTo(4, 0),
        ex1: false,
        ex2: false,
        ex3: false,
        ex4: false,
        ex5: false,
        exempt: false,
        looks_like: 'htx',
        note: expect.stringContaining('Only on htx+tcp'),
      },
    ])
  })
})

describe('the help of', () => {
  it.each(['connect', 'listen'])('%s says that htx+tcp is not hidden', async (command) => {
    const { stdout } = await aiv(['htx', command, '--help'])
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('htx+tcp is not hidden')
  })
})

describe('aiv htx decode', () => {
  it('says of a web request that it is exempt', async () => {
    const { stdout } = await aiv(['htx', 'decode', '--detect', '--json'], {
      input: 'GET /htx HTTP/1.1\r\n\r\n',
    })
    expect(JSON.parse(stdout)).toMatchObject({ exempt: true, ex5: true, looks_like: 'http' })
  })

  it.each<[string, readonly string[], string, string, number]>([
    ['bytes that are no recording', [], 'hello', 'E_MALFORMED', 2],
    ['no input', [], '', 'E_MALFORMED', 2],
    ['a key log that is none', ['--keylog', 'keys.log'], 'hello', 'E_MALFORMED', 2],
    ['a file that is not there', ['none.rec'], '', 'E_INPUT', 2],
    ['--frames-only without a direction', ['--frames-only'], '', 'E_USAGE', 2],
    ['--detect with keys', ['--detect', '--keylog', 'keys.log'], '', 'E_USAGE', 2],
    ['no first flight', ['--detect'], '', 'E_INPUT', 2],
  ])('refuses %s', async (_name, args, input, error, exit) => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'keys.log'), 'no key log')
    const { code, stdout } = await aiv(['htx', 'decode', '--json', ...args], { cwd, input })
    expect([code, (JSON.parse(stdout) as { error: { code: string } }).error.code]).toEqual([exit, error])
  })

  it('reads a long recording in flat memory, at the pace of its reader', { timeout: 120_000 }, async () => {
    const frame = Buffer.alloc(4 + 65_535 + 16)
    frame.writeUIntBE(65_535, 0, 3)
    frame[3] = 70
    const chunk = Buffer.concat(Array.from({ length: 64 }, () => record('c', frame)))
    const message = Buffer.alloc(2 + 65)
    message.writeUInt16BE(65)
    message[2] = 3
    const chunks = 200
    const { child, result } = startAiv(['htx', 'decode', '--json'], { timeoutMs: 110_000 })
    child.stdin.write(recording(record('c', message)))
    for (let i = 0; i < chunks; i++) if (!child.stdin.write(chunk)) await once(child.stdin, 'drain')
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    child.stdin.end()
    const { code, stdout } = await result()
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(64 * chunks)
    // 800 MiB went through.
    expect(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1])).toBeLessThan(400 * 1024)
  })
})
