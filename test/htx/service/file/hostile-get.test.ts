/** What we do when the peer that gives files lies, and what such a peer does when it is asked for what is not served. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type CborMap,
  concat,
  encodeCbor,
  fromHex,
  ManualClock,
  SeededRandom,
  toHex,
} from '../../../../src/lib/core/index.ts'
import { getFile, listFiles } from '../../../../src/lib/htx/service/file/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'
import { content, FileExchange, failureOf, sha256Hex, turns, until } from '../../../support/file-exchange.ts'
import {
  digestOf,
  hostileServer,
  item,
  itemOf,
  offerOfBytes,
  openFileService,
  type RawPeer,
  restOf,
} from '../../../support/raw-file-peer.ts'

const BYTES = content(300_000)
const OFFER: CborMap = offerOfBytes('f', BYTES)
const NOTHING = { offset: 0, prefix: digestOf(new Uint8Array(0)) }

/** Fetches `f` from a peer that answers with these bytes. */
async function answered(exchange: FileExchange, ...answer: readonly Uint8Array[]): Promise<string> {
  const pair = hostileServer(async ({ stream }) => void stream.end(concat(...answer)))
  return await failureOf(getFile(pair.client, 'f', exchange.fetched))
}

describe('a peer that gives a file', () => {
  const restart = item({ restart: true })

  it('whose hash is wrong gives nothing: no file, and no unfinished one', async () => {
    const exchange = new FileExchange()
    const failure = await answered(exchange, item(OFFER), restart, BYTES, digestOf(BYTES, BYTES))
    expect(failure).toMatch(/^E_FILE_MISMATCH: /)
    expect(exchange.tree('fetched')).toEqual([])
  })

  it('is told how it went', async () => {
    for (const [digest, expected] of [
      [digestOf(BYTES), /^00$/],
      [digestOf(), /^01/],
    ] as const) {
      const exchange = new FileExchange()
      const told: string[] = []
      const pair = hostileServer(async (peer) => {
        peer.stream.end(concat(item(OFFER), restart, BYTES, digest))
        told.push(toHex(await restOf(peer)))
      })
      await failureOf(getFile(pair.client, 'f', exchange.fetched))
      await until(() => told.length === 1)
      expect(told[0]).toMatch(expected)
    }
  })

  it('of another name is not believed', async () => {
    for (const name of ['../f', '/etc/passwd', 'g']) {
      const exchange = new FileExchange()
      const failure = await answered(exchange, item({ ...OFFER, name }), restart, BYTES, digestOf(BYTES))
      expect(failure).toMatch(/^E_FILE_MISMATCH: .*another name/)
      expect(exchange.tree('fetched')).toEqual([])
    }
  })

  it('that goes on from where its file has ended is not believed', async () => {
    const exchange = new FileExchange()
    exchange.write('fetched', 'f', content(300_001))
    const failure = await answered(exchange, item(OFFER), item({ restart: false }), digestOf(BYTES))
    expect(failure).toMatch(/^E_MALFORMED: /)
    expect(sha256Hex(exchange.read('fetched', 'f'))).toBe(sha256Hex(content(300_001)))
  })

  it('that claims to have what we hold is held to the hash', async () => {
    const exchange = new FileExchange()
    exchange.write('fetched', 'f', content(300_000, 9))
    const failure = await answered(exchange, item(OFFER), item({ restart: false }), digestOf(BYTES))
    expect(failure).toMatch(/^E_FILE_MISMATCH: /)
    expect(sha256Hex(exchange.read('fetched', 'f'))).toBe(sha256Hex(content(300_000, 9)))
  })

  it('that ends before its file does leaves what came for the next attempt', async () => {
    const exchange = new FileExchange()
    const failure = await answered(exchange, item(OFFER), restart, BYTES.subarray(0, 100_000))
    expect(failure).toMatch(/^E_MALFORMED: .*early/)
    expect(exchange.partSize('fetched', 'f')).toBe(100_000)
    exchange.write('served', 'f', BYTES)
    const { resumedFrom } = await getFile(exchange.connect().client, 'f', exchange.fetched)
    expect(resumedFrom).toBe(100_000)
  })

  it.each([
    ['nothing', ''],
    ['no CBOR', '04ffffffff'],
    ['an array', '0180'],
    ['an empty map', '01a0'],
    ['an item of 4,097 bytes', '5001'],
    ['a length beyond 2^53', 'ffffffffffffffff'],
  ])('in place of an offer (%s) is a typed failure', async (_, hex) => {
    const exchange = new FileExchange()
    expect(await answered(exchange, fromHex(hex))).toMatch(/^E_MALFORMED: /)
    expect(exchange.tree('fetched')).toEqual([])
  })

  it('that stands still is given up after a minute', async () => {
    const exchange = new FileExchange()
    const pair = hostileServer(
      async ({ stream }) => void stream.write(concat(item(OFFER), restart, BYTES.subarray(0, 1000))),
    )
    const clock = pair.clock as ManualClock
    const fetching = failureOf(getFile(pair.client, 'f', exchange.fetched, { clock }))
    await until(() => exchange.partSize('fetched', 'f') === 1000)
    clock.advance(60_000)
    expect(await fetching).toMatch(/^E_TIMEOUT: /)
    expect(exchange.partSize('fetched', 'f')).toBe(1000)
  })

  it('under a name that we must not use is not asked', async () => {
    const exchange = new FileExchange()
    let asked = 0
    const pair = hostileServer(async () => void asked++)
    for (const name of ['../f', '/f', 'a/../f', '', 'f.0123456789abcdef.part'])
      expect(await failureOf(getFile(pair.client, name, exchange.fetched))).toMatch(/^E_FILE_PATH: /)
    expect(await failureOf(getFile(pair.client, 'f', exchange.fetched, { name: '../f' }))).toMatch(
      /^E_FILE_PATH: /,
    )
    await turns(20)
    expect(asked).toBe(0)
  })

  it('does not get it written through a symbolic link of ours', async () => {
    const exchange = new FileExchange()
    const outside = temporaryFolder()
    symlinkSync(outside, join(exchange.fetched, 'link'))
    symlinkSync(join(outside, 'x'), join(exchange.fetched, 'f'))
    exchange.write('served', 'f', 'content')
    const { client } = exchange.connect()
    for (const name of ['link/f', 'f']) {
      const failure = await failureOf(getFile(client, 'f', exchange.fetched, { name, overwrite: 'always' }))
      expect(failure).toMatch(/^E_FILE_PATH: .*a symbolic link/)
    }
    expect(execFileSync('ls', ['-A', outside]).toString()).toBe('')
  })
})

describe('a list', () => {
  const entry = (name: string, changes: CborMap = {}): Uint8Array =>
    encodeCbor({ name, size: 1, mtime: 2, dir: false, ...changes })
  const array = (count: number, ...entries: readonly Uint8Array[]): Uint8Array =>
    concat(Uint8Array.of(0x80 | count), ...entries)
  async function listed(answer: Uint8Array): Promise<string> {
    const pair = hostileServer(async ({ stream }) => void stream.end(answer))
    const entries = await listFiles(pair.client, '').catch((error: Error) => error)
    return entries instanceof Error
      ? await failureOf(Promise.reject(entries))
      : entries.map(({ name }) => name).join()
  }

  it('that is right is taken', async () => {
    expect(await listed(itemOf(array(2, entry('a'), entry('b'))))).toBe('a,b')
    expect(await listed(itemOf(array(0)))).toBe('')
  })

  it.each([
    ['unsorted', array(2, entry('b'), entry('a'))],
    ['with a name twice', array(2, entry('a'), entry('a'))],
    ['with a parent', array(1, entry('..'))],
    ['with a path', array(1, entry('a/b'))],
    ['with an escape sequence', array(1, entry('\x1b[2J'))],
    ['with a negative size', array(1, entry('a', { size: -1 }))],
    ['with a size beyond 2^53', array(1, entry('a', { size: 2n ** 53n }))],
    ['without a time', array(1, encodeCbor({ name: 'a', size: 1, dir: false }))],
    ['with a number for dir', array(1, entry('a', { dir: 1 }))],
    ['with an entry that is no map', array(1, encodeCbor('a'))],
    ['shorter than it says', array(2, entry('a'))],
    ['longer than it says', array(1, entry('a'), entry('b'))],
    ['that is a map', encodeCbor({})],
    ['that is nothing', new Uint8Array(0)],
    ['of 2^32 entries', fromHex('9affffffff')],
    ['with a count in too many bytes', concat(fromHex('9801'), entry('a'))],
    ['of endless length', concat(fromHex('9f'), entry('a'), fromHex('ff'))],
    ['nested without end', new Uint8Array(100_000).fill(0x81)],
  ])('%s is refused', async (_, body) => {
    expect(await listed(itemOf(body))).toMatch(/^E_(MALFORMED|TOO_LARGE): /)
  })

  it('that claims more than 16 MiB, or ends early, is refused', async () => {
    expect(await listed(fromHex('81000001'))).toMatch(/^E_MALFORMED: .*16777216/)
    expect(await listed(concat(fromHex('81000000'), new Uint8Array(1000)))).toMatch(/^E_MALFORMED: .*early/)
    expect(await listed(new Uint8Array(0))).toMatch(/^E_MALFORMED: /)
  })
})

describe('a peer that asks', () => {
  const get = (name: string): CborMap => ({ op: 'get', name, ...NOTHING })

  it.each([
    '..',
    '../secret',
    'a/../../secret',
    '/etc/passwd',
    'link',
    'folder-link/secret',
    'folder/link',
    'f.0123456789abcdef.part',
    'folder',
    'pipe',
    '',
  ])('for %j gets a refusal', async (name) => {
    const exchange = new FileExchange()
    const outside = temporaryFolder()
    exchange.write('served', 'folder/inner', 'x')
    exchange.write('served', 'f.0123456789abcdef.part', 'half')
    symlinkSync('/etc/passwd', join(exchange.served, 'link'))
    symlinkSync('/etc/passwd', join(exchange.served, 'folder', 'link'))
    symlinkSync(outside, join(exchange.served, 'folder-link'))
    execFileSync('mkfifo', [join(exchange.served, 'pipe')])
    const { client } = exchange.connect()
    expect(await failureOf(openFileService(client, get(name)))).toMatch(/^E_SERVICE_REFUSED: /)
    if (name !== '' && name !== 'folder')
      expect(await failureOf(openFileService(client, { op: 'list', path: name }))).toMatch(
        /^E_SERVICE_REFUSED: /,
      )
  })

  it.each([
    ['an offset that is negative', { ...get('f'), offset: -1 }],
    ['an offset beyond 2^53', { ...get('f'), offset: 2n ** 60n }],
    ['a prefix that is short', { ...get('f'), prefix: new Uint8Array(31) }],
    ['no prefix', { op: 'get', name: 'f', offset: 0 }],
    ['a path that is a number', { op: 'list', path: 1 }],
    ['no path', { op: 'list' }],
  ] as readonly (readonly [string, CborMap])[])('with %s gets a refusal', async (_, params) => {
    const exchange = new FileExchange()
    exchange.write('served', 'f', 'x')
    const { client } = exchange.connect()
    expect(await failureOf(openFileService(client, params))).toMatch(/^E_SERVICE_REFUSED: .*file request/)
  })

  it('from behind the end gets the whole file', async () => {
    const exchange = new FileExchange()
    exchange.write('served', 'f', BYTES)
    const { client } = exchange.connect()
    const params = { ...get('f'), offset: Number.MAX_SAFE_INTEGER }
    const { reader } = await openFileService(client, params)
    await reader.item(4096)
    expect(toHex(await reader.item(4096))).toBe(toHex(encodeCbor({ restart: true })))
  })

  it('and does not take what it gets is let go after a minute', async () => {
    const exchange = new FileExchange()
    exchange.write('served', 'f', content(4_000_000))
    const clock = new ManualClock()
    const pair = exchange.connect({ clock })
    const peer = await openFileService(pair.client, get('f'))
    await until(() => pair.carried.server > 200_000)
    await turns(100)
    clock.advance(60_000)
    await turns(5)
    clock.advance(60_000)
    await exchange.settled()
    expect(exchange.errors).toMatchObject([{ code: 'E_TIMEOUT' }])
    peer.stream.on('error', () => {})
  })

  it('and says that it could not keep the file is reported', async () => {
    const exchange = new FileExchange()
    exchange.write('served', 'f', 'content')
    const { stream, reader }: RawPeer = await openFileService(exchange.connect().client, get('f'))
    stream.end(concat(fromHex('01'), itemOf(Buffer.from('disk\x1b[2J full'))))
    await until(() => exchange.errors.length === 1)
    expect(exchange.errors[0]?.message).toBe('the peer did not take the file: disk [2J full')
    reader.release()
  })

  it('never gets what a symbolic link that comes and goes leads to', async () => {
    const exchange = new FileExchange()
    const outside = temporaryFolder()
    const [sub, was] = [join(exchange.served, 'sub'), join(exchange.served, 'was')]
    mkdirSync(sub)
    exchange.write('served', 'sub/f', 'inside!')
    execFileSync('sh', ['-c', 'printf secret! > "$0/f"', outside])
    const random = new SeededRandom(6)
    let swapping = true
    const attacker = async (): Promise<void> => {
      while (swapping) {
        renameSync(sub, was)
        symlinkSync(outside, sub)
        await turns(random.below(20))
        unlinkSync(sub)
        renameSync(was, sub)
        await turns(random.below(20))
      }
    }
    const attack = attacker()
    const { client } = exchange.connect()
    let given = 0
    let refused = 0
    while (given < 20 || refused < 20) {
      const failure = await failureOf(getFile(client, 'sub/f', exchange.fetched, { overwrite: 'always' }))
      if (failure === 'no failure') given++
      else refused++
      if (given > 0) expect(Buffer.from(exchange.read('fetched', 'f')).toString()).toBe('inside!')
    }
    swapping = false
    await attack
  })
})
