/** What a receiver does when the sender lies, stalls, asks for too much or for what is not its own. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type CborMap,
  type CborValue,
  concat,
  encodeCbor,
  fromHex,
  ManualClock,
  SeededRandom,
  toHex,
} from '../../../../src/lib/core/index.ts'
import { putFile } from '../../../../src/lib/htx/service/file/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import {
  content,
  FileExchange,
  failureOf,
  fingerprintOfBytes,
  sha256Hex,
  turns,
  until,
} from '../../../support/file-exchange.ts'
import {
  digestOf,
  headerWith,
  item,
  itemOf,
  offerOfBytes,
  openFileService,
  type RawPeer,
  refusalIn,
  restOf,
} from '../../../support/raw-file-peer.ts'

const BYTES = content(300_000)

/** Offers `BYTES` as `f` and reads the answer `{offset, prefix}`. */
async function offered(exchange: FileExchange, changes: CborMap = {}): Promise<RawPeer> {
  const pair = exchange.connect()
  const peer = await openFileService(pair.client, { ...offerOfBytes('f', BYTES), ...changes })
  await peer.reader.item(4096)
  return peer
}

const RESTART = item({ restart: true })

describe('a sender that lies', () => {
  it('about the hash gets status 1, and nothing is left', async () => {
    const exchange = new FileExchange()
    const peer = await offered(exchange)
    peer.stream.end(concat(RESTART, BYTES, digestOf(BYTES, Uint8Array.of(0))))
    expect(refusalIn(await restOf(peer))).toMatch(/hash/)
    await exchange.settled()
    expect(exchange.tree('inbox')).toEqual([])
    expect(exchange.received).toEqual([])
    expect(exchange.errors).toMatchObject([{ code: 'E_FILE_MISMATCH' }])
  })

  it('about one byte of many gets status 1, and nothing is left', async () => {
    const exchange = new FileExchange()
    const peer = await offered(exchange)
    const other = BYTES.slice()
    other[150_000] = (other[150_000] as number) ^ 1
    peer.stream.end(concat(RESTART, other, digestOf(BYTES)))
    expect(refusalIn(await restOf(peer))).toMatch(/hash/)
    await exchange.settled()
    expect(exchange.tree('inbox')).toEqual([])
  })

  it('about a file that is there already gets status 1, and the file stays', async () => {
    const exchange = new FileExchange()
    exchange.write('inbox', 'f', BYTES)
    const peer = await offered(exchange)
    peer.stream.end(concat(item({ restart: false }), digestOf(new Uint8Array(0))))
    expect(refusalIn(await restOf(peer))).toMatch(/hash/)
    await exchange.settled()
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(BYTES))
    expect(exchange.tree('inbox')).toEqual(['f'])
  })

  it('about the size gets status 1 when it ends too early, or goes on behind the hash', async () => {
    for (const [sent, why] of [
      [concat(RESTART, BYTES.subarray(0, 200_000)), /too early/],
      [concat(RESTART, BYTES), /too early/],
      [concat(RESTART, BYTES, digestOf(BYTES), Uint8Array.of(0)), /follow/],
    ] as const) {
      const exchange = new FileExchange()
      const peer = await offered(exchange)
      peer.stream.end(sent)
      expect(refusalIn(await restOf(peer))).toMatch(why)
      await exchange.settled()
      expect(exchange.has('inbox', 'f')).toBe(false)
    }
  })

  it('about what the receiver holds harms only itself', async () => {
    const exchange = new FileExchange()
    const pair = exchange.connect()
    const peer = await openFileService(pair.client, offerOfBytes('f', BYTES))
    expect(toHex(await peer.reader.item(4096))).toBe(
      toHex(encodeCbor({ offset: 0, prefix: digestOf(new Uint8Array(0)) })),
    )
    // Nothing is held, so going on from there is the same as starting again.
    peer.stream.end(concat(item({ restart: false }), BYTES, digestOf(BYTES)))
    expect(toHex(await restOf(peer))).toBe('00')
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(BYTES))
  })

  it.each([
    ['no map', itemOf(encodeCbor([]))],
    ['an empty map', item({})],
    ['a number', item({ restart: 1 })],
    ['text', item({ restart: 'true' })],
    ['garbage', itemOf(fromHex('ffffffff'))],
    ['no CBOR at all', itemOf(new Uint8Array(0))],
    ['too long an item', concat(fromHex('5001'), new Uint8Array(4097))],
    ['a length of 2^62', fromHex('ffffffffffffffff')],
    ['a length in too many bytes', fromHex('4001a0')],
  ])('in the restart item (%s) gets status 1', async (_, bytes) => {
    const exchange = new FileExchange()
    const peer = await offered(exchange)
    peer.stream.write(bytes)
    expect(refusalIn(await restOf(peer))).not.toBe('')
    await exchange.settled()
    expect(exchange.tree('inbox')).toEqual([])
    expect(exchange.errors).toMatchObject([{ code: 'E_MALFORMED' }])
  })
})

describe('parameters', () => {
  const honest = offerOfBytes('f', BYTES)
  const wrong: readonly (readonly [what: string, params: CborMap])[] = [
    ...Object.keys(honest).map((key): [string, CborMap] => [`without ${key}`, without(honest, key)]),
    ...(
      [
        ['op', 'delete'],
        ['op', 1],
        ['op', '__proto__'],
        ['name', 1],
        ['name', new Uint8Array(2)],
        ['name', ['f']],
        ['size', -1],
        ['size', '1'],
        ['size', null],
        ['size', 2n ** 53n],
        ['size', 2n ** 64n - 1n],
        ['mtime', -1],
        ['mtime', true],
        ['mode', -1],
        ['mode', {}],
        ['fingerprint', new Uint8Array(31)],
        ['fingerprint', new Uint8Array(33)],
        ['fingerprint', 'a'.repeat(32)],
      ] as readonly (readonly [string, CborValue])[]
    ).map(([key, value]): [string, CborMap] => [
      `with ${key} ${describeValue(value)}`,
      { ...honest, [key]: value },
    ]),
  ]

  it.each(wrong)('%s are refused before anything is written', async (_, params) => {
    const exchange = new FileExchange()
    const { client } = exchange.connect()
    expect(await failureOf(openFileService(client, params))).toMatch(/^E_SERVICE_REFUSED: /)
    expect(exchange.tree('inbox')).toEqual([])
  })

  it.each([
    ['not CBOR', 'ff'],
    ['no map', '80'],
    ['two values', 'a0a0'],
    ['unsorted keys', 'a2616200616100'],
    ['a key twice', 'a2616100616101'],
    ['a float', 'a16161fb3ff0000000000000'],
    ['a tag', 'a16161c100'],
    ['an endless map', 'bfff'],
    ['a map of 2^32 entries', 'ba ffffffff'.replace(' ', '')],
    ['invalid UTF-8', 'a16161 62c328'.replace(' ', '')],
    ['an overlong slash in the name', 'a1646e616d65 62c0af'.replace(' ', '')],
    ['nesting without end', '81'.repeat(4000)],
  ])('that are %s reset the stream before anything is written', async (_, hex) => {
    const exchange = new FileExchange()
    const { client } = exchange.connect()
    const stream = client.openStream()
    const ended = new Promise<Error>((resolve) => stream.once('error', resolve))
    stream.write(headerWith(fromHex(hex)))
    expect(await ended).toMatchObject({ code: 'E_STREAM_RESET', message: expect.stringContaining('DENIED') })
    expect(exchange.tree('inbox')).toEqual([])
  })

  it('with keys that are not known are taken: they may come from a newer peer', async () => {
    const exchange = new FileExchange()
    const peer = await offered(exchange, { colour: 'blue', ['__proto__']: 1 })
    peer.stream.end(concat(RESTART, BYTES, digestOf(BYTES)))
    expect(toHex(await restOf(peer))).toBe('00')
  })

  it('with every mode bit set give no more than read, write and execute', async () => {
    const exchange = new FileExchange()
    const peer = await offered(exchange, { mode: Number.MAX_SAFE_INTEGER, mtime: Number.MAX_SAFE_INTEGER })
    const before = process.umask(0)
    try {
      peer.stream.end(concat(RESTART, BYTES, digestOf(BYTES)))
      expect(toHex(await restOf(peer))).toBe('00')
    } finally {
      process.umask(before)
    }
    expect(statSync(join(exchange.inbox, 'f')).mode & 0o7777).toBe(0o777)
  })

  it('with the largest size reserve no space', async () => {
    const exchange = new FileExchange()
    const peer = await offered(exchange, { size: Number.MAX_SAFE_INTEGER })
    peer.stream.write(concat(RESTART, BYTES))
    await until(() => exchange.partSize('inbox', 'f') === BYTES.length)
    peer.stream.destroy()
    await exchange.settled()
    const [part] = exchange.tree('inbox')
    const stats = statSync(join(exchange.inbox, part as string))
    expect(stats.size).toBeLessThanOrEqual(BYTES.length)
    expect(stats.blocks * 512).toBeLessThan(2 * BYTES.length)
  })
})

describe('a name that leads elsewhere', () => {
  it.each([
    '..',
    '../f',
    'a/../../f',
    '/etc/f',
    './f',
    'a//f',
    'a\\f',
    'C:\\f',
    'f\0',
    'f\n',
    'NUL',
    'e\u0301',
    'x'.repeat(256),
    'f.0123456789abcdef.part',
    '',
  ])('(%j) is refused before anything is written', async (name) => {
    const exchange = new FileExchange()
    const { client } = exchange.connect()
    const failure = await failureOf(openFileService(client, { ...offerOfBytes('f', BYTES), name }))
    expect(failure).toMatch(/^E_SERVICE_REFUSED: .*the file name /)
    expect(exchange.tree('inbox')).toEqual([])
  })

  it('through a symbolic link is refused, and nothing appears behind it', async () => {
    const exchange = new FileExchange()
    const outside = temporaryFolder()
    symlinkSync(outside, join(exchange.inbox, 'link'))
    mkdirSync(join(exchange.inbox, 'real'))
    symlinkSync(outside, join(exchange.inbox, 'real', 'link'))
    const { client } = exchange.connect({ receive: { overwrite: 'always' } })
    for (const name of ['link/f', 'link/new/f', 'real/link/f']) {
      const failure = await failureOf(openFileService(client, offerOfBytes(name, BYTES)))
      expect(failure).toMatch(/^E_SERVICE_REFUSED: .*link: a symbolic link/)
    }
    expect(readdirSync(outside)).toEqual([])
    expect(exchange.tree('inbox')).toEqual(['link', 'real', 'real/link'])
  })

  it('is refused when a symbolic link has it, or has the name of the unfinished file', async () => {
    const exchange = new FileExchange()
    const victim = exchange.write('fetched', 'victim', 'precious')
    const part = `g.${toHex(fingerprintOfBytes(BYTES)).slice(0, 16)}.part`
    symlinkSync(victim, join(exchange.inbox, 'f'))
    symlinkSync(victim, join(exchange.inbox, part))
    symlinkSync(join(exchange.fetched, 'none'), join(exchange.inbox, 'h'))
    const { client } = exchange.connect({ receive: { overwrite: 'always' } })
    for (const name of ['f', 'g', 'h']) {
      const failure = await failureOf(openFileService(client, offerOfBytes(name, BYTES)))
      expect(failure).toMatch(/^E_SERVICE_REFUSED: .*a symbolic link/)
    }
    expect(readFileSync(victim, 'utf8')).toBe('precious')
    expect(exchange.tree('fetched')).toEqual(['victim'])
  })

  it('is refused when a file stands where a directory has to be, and the other way round', async () => {
    const exchange = new FileExchange()
    exchange.write('inbox', 'file', 'x')
    mkdirSync(join(exchange.inbox, 'folder'))
    const { client } = exchange.connect({ receive: { overwrite: 'always' } })
    expect(await failureOf(openFileService(client, offerOfBytes('file/f', BYTES)))).toMatch(/not a directory/)
    expect(await failureOf(openFileService(client, offerOfBytes('folder', BYTES)))).toMatch(
      /not a regular file/,
    )
    expect(exchange.tree('inbox')).toEqual(['file', 'folder'])
  })

  it('never escapes while a directory and a symbolic link change places under it', async () => {
    const exchange = new FileExchange()
    const outside = temporaryFolder()
    const [sub, was] = [join(exchange.inbox, 'sub'), join(exchange.inbox, 'was')]
    mkdirSync(sub)
    let swapping = true
    const random = new SeededRandom(5)
    // The receiver may make `sub` anew in between: then the attacker clears it away.
    const place = (work: () => void): void => {
      try {
        work()
      } catch {
        rmSync(sub, { recursive: true })
        work()
      }
    }
    const attacker = async (): Promise<void> => {
      while (swapping) {
        renameSync(sub, was)
        place(() => symlinkSync(outside, sub))
        await turns(random.below(40))
        unlinkSync(sub)
        place(() => renameSync(was, sub))
        await turns(random.below(40))
      }
    }
    const attack = attacker()
    const path = exchange.write('here', 'f', BYTES.subarray(0, 70_000))
    let taken = 0
    let refused = 0
    // Long enough for the race to have gone both ways.
    for (let i = 0; taken < 10 || refused < 10; i++) {
      const { client } = exchange.connect()
      const failure = await failureOf(putFile(client, path, { name: `sub/f${i}` }))
      if (failure === 'no failure') taken++
      else refused++
    }
    swapping = false
    await attack
    await exchange.settled()
    expect(readdirSync(outside)).toEqual([])
  })
})

describe('a sender that stands still', () => {
  it('is let go after a minute, and what it sent is kept', async () => {
    const exchange = new FileExchange()
    const pair = exchange.connect()
    const clock = pair.clock as ManualClock
    const peer = await openFileService(pair.client, offerOfBytes('f', BYTES))
    await peer.reader.item(4096)
    peer.stream.write(concat(RESTART, BYTES.subarray(0, 200_000)))
    await until(() => exchange.partSize('inbox', 'f') === 200_000)
    clock.advance(59_999)
    await turns(20)
    expect(peer.stream.destroyed).toBe(false)
    clock.advance(1)
    await until(() => peer.stream.destroyed)
    await exchange.settled()
    expect(exchange.errors).toMatchObject([{ code: 'E_TIMEOUT' }])
    expect(peer.stream.errored).toMatchObject({ message: expect.stringContaining('IDLE') })
    expect(exchange.partSize('inbox', 'f')).toBe(200_000)
  })

  it('almost a minute before every byte is not cut off', async () => {
    const exchange = new FileExchange()
    const bytes = BYTES.subarray(0, 40)
    const arrived: number[] = []
    const onProgress = (_: unknown, done: number): void => void arrived.push(done)
    const pair = exchange.connect({ receive: { onProgress } })
    const peer = await openFileService(pair.client, offerOfBytes('f', bytes))
    await peer.reader.item(4096)
    peer.stream.write(RESTART)
    for (const [i, byte] of bytes.entries()) {
      peer.stream.write(Uint8Array.of(byte))
      await until(() => arrived.at(-1) === i + 1)
      ;(pair.clock as ManualClock).advance(59_000)
    }
    peer.stream.end(digestOf(bytes))
    expect(toHex(await restOf(peer))).toBe('00')
  })
})

describe('two transfers of one file', () => {
  const opened = (pair: { client: RawClient }): Promise<RawPeer> =>
    openFileService(pair.client, offerOfBytes('f', BYTES))
  type RawClient = Parameters<typeof openFileService>[0]

  it('at once: the second is refused while the first goes on', async () => {
    const exchange = new FileExchange()
    const pair = exchange.connect()
    const first = await opened(pair)
    expect(await failureOf(opened(pair))).toMatch(/^E_SERVICE_REFUSED: .*f: .*in progress/)
    const stranger = exchange.connect({ peers: { client: 'stranger', server: 'server' } })
    expect(await failureOf(opened(stranger))).toMatch(/in progress/)
    await first.reader.item(4096)
    first.stream.end(concat(RESTART, BYTES, digestOf(BYTES)))
    expect(toHex(await restOf(first))).toBe('00')
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(BYTES))
  })

  it('a peer that comes back before its dead session is noticed takes its transfer over', async () => {
    const exchange = new FileExchange()
    const clock = new ManualClock()
    const dead = exchange.connect({ clock })
    const first = await opened(dead)
    await first.reader.item(4096)
    first.stream.write(concat(RESTART, BYTES.subarray(0, 200_000)))
    await until(() => exchange.partSize('inbox', 'f') === 200_000)
    dead.cutFor('client')
    const back = exchange.connect({ clock, seed: 2 })
    const path = exchange.write('here', 'f', BYTES)
    const again = putFile(back.client, path)
    await until(() => clock.nextTimerAt() === 2_000)
    clock.advance(2_000)
    expect((await again).resumedFrom).toBe(200_000)
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(BYTES))
  })

  it('a peer does not take over what still moves', async () => {
    const exchange = new FileExchange()
    const clock = new ManualClock()
    const pair = exchange.connect({ clock })
    const first = await opened(pair)
    await first.reader.item(4096)
    first.stream.write(concat(RESTART, BYTES.subarray(0, 1000)))
    await until(() => exchange.partSize('inbox', 'f') === 1000)
    const second = failureOf(opened(exchange.connect({ clock, seed: 2 })))
    await until(() => clock.nextTimerAt() === 2_000)
    first.stream.write(BYTES.subarray(1000, 2000))
    await until(() => exchange.partSize('inbox', 'f') === 2000)
    clock.advance(2_000)
    expect(await second).toMatch(/in progress/)
    first.stream.end(concat(BYTES.subarray(2000), digestOf(BYTES)))
    expect(toHex(await restOf(first))).toBe('00')
  })

  it('of different contents: the one that is whole first stays', async () => {
    const exchange = new FileExchange()
    const other = content(300_000, 2)
    const pair = exchange.connect()
    const first = await opened(pair)
    const second = await openFileService(pair.client, offerOfBytes('f', other))
    await second.reader.item(4096)
    second.stream.end(concat(RESTART, other, digestOf(other)))
    expect(toHex(await restOf(second))).toBe('00')
    await first.reader.item(4096)
    first.stream.end(concat(RESTART, BYTES, digestOf(BYTES)))
    expect(refusalIn(await restOf(first))).toMatch(/exists/)
    await exchange.settled()
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(other))
    expect(exchange.tree('inbox')).toEqual(['f'])
  })
})

describe('a receiver', () => {
  it('gives no file and no list', async () => {
    const exchange = new FileExchange()
    const { client } = exchange.connect({ receive: { into: join(exchange.inbox, 'missing') } })
    const failure = await failureOf(openFileService(client, offerOfBytes('f', BYTES)))
    expect(failure).toMatch(/cannot be opened here$/)
    // Where the folder lies is not for the peer to know.
    expect(failure).not.toContain(exchange.inbox)
  })
})

function without(map: CborMap, key: string): CborMap {
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key))
}

function describeValue(value: CborValue): string {
  return value instanceof Uint8Array ? `of ${value.length} bytes` : `${typeof value} ${String(value)}`
}
