import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EMPTY, systemClock } from '../../../src/lib/core/index.ts'
import { decodeSession, parseKeyLog } from '../../../src/lib/htx/decode/index.ts'
import { connect, listen, TraceFiles } from '../../../src/lib/htx/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'

const WORDS = new Uint8Array(1_000_000).map((_, i) => i * 13 + (i >> 9))

describe('endpoints that both ask for 1.2', () => {
  it.each(['tcp', 'ws', 'quic', 'mem'])('carry a megabyte there and back over htx+%s', async (link) => {
    const folder = temporaryFolder()
    const tracer = new TraceFiles({
      record: join(folder, 'a.rec'),
      keylog: join(folder, 'a.log'),
      clock: systemClock,
      onError: (error) => {
        throw error
      },
    })
    const listener = await listen(`htx+${link}://${link === 'mem' ? 'spec12:1' : '127.0.0.1:0'}`, {
      spec: '1.2',
      onStream: (stream) => stream.pipe(stream),
    })
    const session = await connect(listener.address, { spec: '1.2', tracer })
    const stream = session.openStream()
    const echoed: Buffer[] = []
    stream.on('data', (chunk: Buffer) => echoed.push(Buffer.from(chunk)))
    const ended = new Promise((resolve) => stream.on('end', resolve))
    stream.end(WORDS.slice())
    await ended
    expect(Buffer.concat(echoed).equals(WORDS)).toBe(true)
    expect(await session.ping()).toBeGreaterThan(0)
    await session.drain()
    expect(await session.closed).toMatchObject({ cause: 'closed', code: 0 })
    await listener.close()

    const sessions = parseKeyLog(readFileSync(join(folder, 'a.log')))
    expect(sessions.map(({ spec }) => spec)).toEqual(['1.2'])
    const said = { c: [] as Uint8Array[], s: [] as Uint8Array[] }
    const chunks = (async function* () {
      yield readFileSync(join(folder, 'a.rec'))
    })()
    for await (const batch of decodeSession(chunks, { sessions }))
      for (const { dir, type, content } of batch)
        if (type === 'STREAM') said[dir].push(content?.data ?? EMPTY)
    expect(Buffer.concat(said.c).equals(WORDS)).toBe(true)
    expect(Buffer.concat(said.s).equals(WORDS)).toBe(true)
  })
})

describe('endpoints of which one asks for 1.2', () => {
  it.each([
    ['1.1', '1.2'],
    ['1.2', '1.1'],
  ] as const)('have no session: %s against %s', async (own, theirs) => {
    const listener = await listen('htx+tcp://127.0.0.1:0', { spec: theirs })
    await expect(connect(listener.address, { spec: own })).rejects.toMatchObject({
      code: 'E_HANDSHAKE',
      message: expect.stringContaining('VERSION_NEGOTIATION_FAILED'),
    })
    expect(listener.sessions).toEqual([])
    await listener.close()
  })
})
