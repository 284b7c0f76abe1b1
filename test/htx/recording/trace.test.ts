import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AivError, EMPTY, ManualClock, systemClock, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { decodeSession, parseKeyLog } from '../../../src/lib/htx/decode/index.ts'
import { connect, listen, TraceFiles } from '../../../src/lib/htx/index.ts'
import { DirectionKeys } from '../../../src/lib/htx/keys/direction.ts'
import { deriveSessionSecrets } from '../../../src/lib/htx/keys/schedule.ts'
import type { TracedLink } from '../../../src/lib/htx/recording/index.ts'
import type { Link, LinkHandler } from '../../../src/lib/link/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'

/** A link on which a test says what comes. */
class HandLink implements Link {
  readonly kind = 'memory'
  readonly copies = true
  readonly localAddress = 'here'
  readonly remoteAddress = 'there'
  readonly queuedBytes = 0
  readonly takenBytes = 0
  lowWaterMark = 0
  handler: LinkHandler | undefined
  attach(handler: LinkHandler): void {
    this.handler = handler
  }
  write(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {}
  close(): void {}
  abort(): void {}
}

const NOBODY: LinkHandler = { data: () => {}, end: () => {}, drain: () => {}, close: () => {} }

function traced(options: { record?: string; keylog?: string }): {
  readonly link: HandLink
  readonly outer: TracedLink
  readonly errors: Error[]
} {
  const errors: Error[] = []
  const files = new TraceFiles({
    ...options,
    clock: new ManualClock(1000),
    onError: (error) => errors.push(error),
  })
  const link = new HandLink()
  const outer = files.trace(link, 'server') as TracedLink
  outer.attach(NOBODY)
  return { link, outer, errors }
}

function secrets(): ReturnType<typeof deriveSessionSecrets> {
  const h = new Uint8Array(32).fill(3)
  return deriveSessionSecrets('server', { k1: new Uint8Array(32).fill(1), k2: new Uint8Array(32).fill(2), h })
}

describe('a session that is written down', () => {
  it('decodes to what both sides said, on both of them', async () => {
    const folder = temporaryFolder()
    const file = (name: string): string => join(folder, name)
    const files = (side: string): TraceFiles =>
      new TraceFiles({
        record: file(`${side}.rec`),
        keylog: file(`${side}.log`),
        clock: systemClock,
        onError: (error) => {
          throw error
        },
      })
    const sent = new Uint8Array(300_000).map((_, i) => i * 7)
    const listener = await listen('htx+tcp://127.0.0.1:0', {
      tracer: files('server'),
      onStream: (stream) => stream.pipe(stream),
    })
    const session = await connect(listener.address, { tracer: files('client') })
    const stream = session.openStream()
    const echoed: Buffer[] = []
    stream.on('data', (chunk: Buffer) => echoed.push(Buffer.from(chunk)))
    const ended = new Promise((resolve) => stream.on('end', resolve))
    stream.end(sent.slice())
    await ended
    await session.drain()
    await listener.close()
    expect(Buffer.concat(echoed).equals(sent)).toBe(true)

    for (const side of ['client', 'server']) {
      const said = { c: [] as Uint8Array[], s: [] as Uint8Array[] }
      const types = new Set<string>()
      const chunks = (async function* () {
        yield readFileSync(file(`${side}.rec`))
      })()
      const log = parseKeyLog(readFileSync(file(`${side}.log`)))
      for await (const batch of decodeSession(chunks, { sessions: log })) {
        for (const { dir, type, stream: id, content } of batch) {
          expect(content).toBeDefined()
          types.add(type)
          if (type === 'STREAM' && id === 1) said[dir].push(content?.data ?? EMPTY)
        }
      }
      expect(Buffer.concat(said.c).equals(sent)).toBe(true)
      expect(Buffer.concat(said.s).equals(sent)).toBe(true)
      expect(types).toContain('CLOSE')
    }
  })

  it('is readable for nobody but its owner, also where a file was there before', () => {
    const folder = temporaryFolder()
    const [record, keylog] = [join(folder, 'a.rec'), join(folder, 'a.log')]
    writeFileSync(keylog, '# mine\n')
    chmodSync(keylog, 0o644)
    const { outer } = traced({ record, keylog })
    outer.established(secrets())
    for (const path of [record, keylog]) expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(keylog, 'utf8')).toMatch(/^# mine\nHTX_SPEC /)
  })

  it('has a line in the key log for each generation of each direction', () => {
    const keylog = join(temporaryFolder(), 'a.log')
    const { outer } = traced({ keylog })
    const made = secrets()
    outer.established(made)
    made.directions.send.update()
    made.directions.send.update()
    const [session] = parseKeyLog(readFileSync(keylog))
    expect([...(session?.secrets.keys() ?? [])].sort()).toEqual(['c0', 's0', 's1', 's2'])
    // The second generation follows from the first as the key schedule says.
    const again = new DirectionKeys('s', session?.secrets.get('s0') as Uint8Array, made.handshakeHash)
    again.update()
    expect(toHex(again.exposeChainSecret())).toBe(toHex(session?.secrets.get('s1') as Uint8Array))
  })

  it('holds what passed, even when the arrays are used again at once', () => {
    const record = join(temporaryFolder(), 'a.rec')
    const { link, outer } = traced({ record })
    const chunk = utf8('hello')
    link.handler?.data(chunk)
    chunk.fill(0)
    outer.established(secrets())
    const answer = utf8('world')
    outer.write([answer.subarray(0, 2), answer.subarray(2)])
    answer.fill(0)
    link.handler?.close()
    const time = '00000000000f4240'
    expect(readFileSync(record, 'latin1')).toBe(
      `HTXREC1\n${Buffer.from(`63${time}00000005`, 'hex').toString('latin1')}hello${Buffer.from(`73${time}00000005`, 'hex').toString('latin1')}world`,
    )
  })

  it('gets a file of its own', () => {
    const record = join(temporaryFolder(), 'a.rec')
    const files = new TraceFiles({ record, clock: new ManualClock(), onError: () => {} })
    for (let i = 0; i < 3; i++) {
      const link = files.trace(new HandLink(), 'server') as TracedLink
      link.write([utf8(`session ${i}`)])
      link.established(secrets())
    }
    for (const [i, name] of ['', '.2', '.3'].entries())
      expect(readFileSync(`${record}${name}`, 'latin1')).toContain(`session ${i}`)
  })
})

describe('a link without a session', () => {
  it('leaves nothing behind, whatever it sends', () => {
    const record = join(temporaryFolder(), 'a.rec')
    const { link } = traced({ record })
    for (let i = 0; i < 100; i++) link.handler?.data(new Uint8Array(65_536))
    link.handler?.close()
    expect(statSync(record).size).toBe(8)
    expect(existsSync(`${record}.2`)).toBe(false)
  })

  it('is forgotten when it has sent more than a handshake takes', () => {
    const record = join(temporaryFolder(), 'a.rec')
    const { link, outer } = traced({ record })
    for (let i = 0; i < 3; i++) link.handler?.data(new Uint8Array(65_536))
    outer.established(secrets())
    expect(statSync(record).size).toBe(8)
  })

  it('is forgotten as soon when it sends byte by byte, where each byte costs an array', () => {
    const record = join(temporaryFolder(), 'a.rec')
    const { link, outer } = traced({ record })
    for (let i = 0; i < 300; i++) link.handler?.data(Uint8Array.of(i))
    outer.established(secrets())
    expect(statSync(record).size).toBe(8)
  })
})

describe('a file that cannot be written', () => {
  it('is an error before any session begins', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'sub'))
    for (const path of [join(folder, 'none', 'a.rec'), join(folder, 'sub'), '/dev/full'])
      expect(() => traced({ record: path }), path).toThrow(AivError)
    expect(() => traced({ keylog: join(folder, 'sub') })).toThrow(AivError)
  })

  it('is told once, and the session goes on', () => {
    const record = join(temporaryFolder(), 'a.rec')
    mkdirSync(`${record}.2`)
    const errors: Error[] = []
    const files = new TraceFiles({ record, clock: new ManualClock(), onError: (error) => errors.push(error) })
    for (let i = 0; i < 2; i++) {
      const link = files.trace(new HandLink(), 'server') as TracedLink
      link.established(secrets())
      for (let n = 0; n < 3; n++) link.write([utf8('more')])
    }
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('a.rec.2')])
    expect(readFileSync(record, 'latin1').match(/more/g)).toHaveLength(3)
  })
})
