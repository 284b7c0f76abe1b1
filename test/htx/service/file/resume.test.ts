/** Transfers that are cut: what was held is not sent again, and what comes out is the file. */
import { chmodSync, linkSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../../src/lib/core/index.ts'
import { getFile, putFile } from '../../../../src/lib/htx/service/file/index.ts'
import {
  content,
  FileExchange,
  failureOf,
  fingerprintOfBytes,
  sha256Hex,
} from '../../../support/file-exchange.ts'
import type { StreamPair } from '../../../support/stream-pair.ts'

const MIB = 1_048_576
/** Frames, headers, items and window updates of one attempt with at most 3 MiB of content, bytes. */
const OVERHEAD = 6_000

/** The unfinished file of `name` in a folder, as the documentation of the format says it. */
function partOf(folder: string, name: string, bytes: Uint8Array): string {
  return join(folder, `${name}.${toHex(fingerprintOfBytes(bytes)).slice(0, 16)}.part`)
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

interface Attempt {
  readonly pair: StreamPair
  readonly held: number
  readonly transfer: Promise<{ readonly resumedFrom: number }>
}

/** Repeats a transfer over links that break at the given bytes, then over one that holds. */
async function untilDone(
  cuts: readonly { readonly from: 'client' | 'server'; readonly bytes: number }[],
  sender: 'client' | 'server',
  size: number,
  attempt: (cutAfter: (typeof cuts)[number] | undefined) => Promise<Attempt>,
): Promise<void> {
  for (const cut of [...cuts, undefined]) {
    const { pair, held, transfer } = await attempt(cut)
    const result = await transfer.catch((error: { code: string }) => error)
    if ('resumedFrom' in result) {
      expect(result.resumedFrom).toBe(held)
      expect(pair.carried[sender]).toBeLessThan(size - held + OVERHEAD)
      return
    }
    expect(result.code).toBe('E_LINK_LOST')
  }
  throw new Error('the link that holds did not finish the transfer')
}

const CUT = fc.record({
  from: fc.constantFrom('client' as const, 'server' as const),
  bytes: fc.integer({ min: 0, max: 700_000 }),
})
const SIZE = fc.oneof(fc.integer({ min: 0, max: 600_000 }), fc.constantFrom(0, 1, 262_144, 524_288))

describe('a link that breaks at any byte', () => {
  it('costs a put nothing of what was held', async () => {
    const scenario = fc.asyncProperty(
      SIZE,
      fc.array(CUT, { minLength: 1, maxLength: 4 }),
      async (size, cuts) => {
        const exchange = new FileExchange()
        const bytes = content(size, size + 7)
        const path = exchange.write('here', 'f', bytes)
        const part = partOf(exchange.inbox, 'f', bytes)
        await untilDone(cuts, 'client', size, async (cutAfter) => {
          await exchange.settled()
          const pair = exchange.connect(cutAfter === undefined ? {} : { cutAfter })
          const target = sizeOf(join(exchange.inbox, 'f'))
          return { pair, held: Math.max(target, sizeOf(part)), transfer: putFile(pair.client, path) }
        })
        expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(bytes))
        expect(exchange.tree('inbox')).toEqual(['f'])
      },
    )
    await fc.assert(scenario, { numRuns: 200, seed: 20_261 })
  })

  it('costs a get nothing of what was held', async () => {
    const scenario = fc.asyncProperty(
      SIZE,
      fc.array(CUT, { minLength: 1, maxLength: 4 }),
      async (size, cuts) => {
        const exchange = new FileExchange()
        const bytes = content(size, size + 8)
        exchange.write('served', 'f', bytes)
        const part = partOf(exchange.fetched, 'f', bytes)
        await untilDone(cuts, 'server', size, async (cutAfter) => {
          await exchange.settled()
          const pair = exchange.connect(cutAfter === undefined ? {} : { cutAfter })
          const target = sizeOf(join(exchange.fetched, 'f'))
          const held = Math.max(target, sizeOf(part))
          return { pair, held, transfer: getFile(pair.client, 'f', exchange.fetched) }
        })
        expect(sha256Hex(exchange.read('fetched', 'f'))).toBe(sha256Hex(bytes))
        expect(exchange.tree('fetched')).toEqual(['f'])
      },
    )
    await fc.assert(scenario, { numRuns: 200, seed: 20_262 })
  })

  it('leaves most of what had arrived', async () => {
    const exchange = new FileExchange()
    const bytes = content(6 * MIB)
    const path = exchange.write('here', 'f', bytes)
    const cut = exchange.connect({ cutAfter: { from: 'client', bytes: 5 * MIB } })
    expect(await failureOf(putFile(cut.client, path))).toMatch(/^E_LINK_LOST: /)
    await exchange.settled()
    expect(exchange.errors).toMatchObject([{ code: 'E_LINK_LOST' }])
    expect(sizeOf(partOf(exchange.inbox, 'f', bytes))).toBeGreaterThan(3 * MIB)
    expect(exchange.has('inbox', 'f')).toBe(false)
  })

  it('leaves an unfinished file that nobody else can read', async () => {
    const exchange = new FileExchange()
    const bytes = content(2 * MIB)
    const path = exchange.write('here', 'f', bytes)
    await failureOf(
      putFile(exchange.connect({ cutAfter: { from: 'client', bytes: 1_900_000 } }).client, path),
    )
    await exchange.settled()
    expect(statSync(partOf(exchange.inbox, 'f', bytes)).mode & 0o777).toBe(0o600)
  })

  it('leaves nothing at all when nothing had arrived', async () => {
    const exchange = new FileExchange()
    const path = exchange.write('here', 'f', content(100_000))
    await failureOf(putFile(exchange.connect({ cutAfter: { from: 'server', bytes: 0 } }).client, path))
    await exchange.settled()
    expect(exchange.tree('inbox')).toEqual([])
  })
})

describe('an unfinished file', () => {
  /** Two mebibytes of which the receiver holds something. */
  function half(held: Uint8Array): { exchange: FileExchange; bytes: Uint8Array; part: string; path: string } {
    const exchange = new FileExchange()
    const bytes = content(2 * MIB)
    const part = partOf(exchange.inbox, 'f', bytes)
    writeFileSync(part, held, { mode: 0o600 })
    return { exchange, bytes, part, path: exchange.write('here', 'f', bytes) }
  }

  it('is continued after the process that wrote it died', async () => {
    const { exchange, bytes, path } = half(content(2 * MIB).subarray(0, 1_234_567))
    const pair = exchange.connect()
    expect((await putFile(pair.client, path)).resumedFrom).toBe(1_234_567)
    expect(pair.carried.client).toBeLessThan(2 * MIB - 1_234_567 + OVERHEAD)
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(bytes))
  })

  it('that holds something else is dropped: the transfer starts again', async () => {
    const wrong = content(2 * MIB).subarray(0, 1_000_000)
    wrong[999_999] = (wrong[999_999] as number) ^ 0x80
    const { exchange, bytes, path } = half(wrong)
    expect((await putFile(exchange.connect().client, path)).resumedFrom).toBe(0)
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(bytes))
  })

  it('that is longer than the file is dropped', async () => {
    const { exchange, bytes, path } = half(content(2 * MIB + 1))
    expect((await putFile(exchange.connect().client, path)).resumedFrom).toBe(0)
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(bytes))
  })

  it('that holds everything needs only the hash', async () => {
    const { exchange, bytes, path } = half(content(2 * MIB))
    const pair = exchange.connect()
    expect((await putFile(pair.client, path)).resumedFrom).toBe(2 * MIB)
    expect(pair.carried.client).toBeLessThan(2_000)
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(bytes))
  })

  it('that somebody else can write is not trusted', async () => {
    const { exchange, bytes, part, path } = half(content(2 * MIB).subarray(0, MIB))
    chmodSync(part, 0o622)
    expect((await putFile(exchange.connect().client, path)).resumedFrom).toBe(0)
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(bytes))
  })

  it('that is another name of some other file leaves that file alone', async () => {
    const { exchange, bytes, part, path } = half(new Uint8Array(0))
    const other = exchange.write('fetched', 'diary', 'dear diary')
    unlinkSync(part)
    linkSync(other, part)
    expect((await putFile(exchange.connect().client, path)).resumedFrom).toBe(0)
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(bytes))
    expect(Buffer.from(exchange.read('fetched', 'diary')).toString()).toBe('dear diary')
  })

  it('of an older version of the file stays out of the way, and is gone once the file is there', async () => {
    const exchange = new FileExchange()
    const old = content(3 * MIB, 1)
    const path = exchange.write('here', 'f', old)
    await failureOf(putFile(exchange.connect({ cutAfter: { from: 'client', bytes: 2 * MIB } }).client, path))
    await exchange.settled()
    expect(sizeOf(partOf(exchange.inbox, 'f', old))).toBeGreaterThan(0)
    const changed = content(3 * MIB, 2)
    writeFileSync(path, changed)
    expect((await putFile(exchange.connect().client, path)).resumedFrom).toBe(0)
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(changed))
    expect(exchange.tree('inbox')).toEqual(['f'])
  })

  it('of two senders of one name never mix', async () => {
    const exchange = new FileExchange()
    const [one, two] = [content(2 * MIB, 1), content(2 * MIB, 2)]
    const cutAfter = { from: 'client', bytes: 1_800_000 } as const
    for (const bytes of [one, two])
      await failureOf(putFile(exchange.connect({ cutAfter }).client, exchange.write('here', 'f', bytes)))
    await exchange.settled()
    expect(exchange.tree('inbox')).toHaveLength(2)
    const path = exchange.write('here', 'f', one)
    expect((await putFile(exchange.connect().client, path)).resumedFrom).toBeGreaterThan(0)
    expect(sha256Hex(exchange.read('inbox', 'f'))).toBe(sha256Hex(one))
    expect(exchange.tree('inbox')).toEqual(['f'])
  })

  it('of a fetched file that changed meanwhile is dropped, and continued when it only grew', async () => {
    const exchange = new FileExchange()
    const bytes = content(3 * MIB, 3)
    const cutAfter = { from: 'server', bytes: 2_500_000 } as const
    const fetching = async (options = {}): Promise<number> => {
      const { client } = exchange.connect(options)
      return (await getFile(client, 'f', exchange.fetched, { overwrite: 'always' })).resumedFrom
    }
    exchange.write('served', 'f', bytes.subarray(0, 2_900_000))
    await failureOf(fetching({ cutAfter }))
    const held = sizeOf(partOf(exchange.fetched, 'f', bytes.subarray(0, 2_900_000)))
    exchange.write('served', 'f', bytes)
    expect(await fetching()).toBe(held)
    expect(sha256Hex(exchange.read('fetched', 'f'))).toBe(sha256Hex(bytes))
    expect(exchange.tree('fetched')).toEqual(['f'])

    exchange.write('served', 'f', content(3 * MIB, 4))
    await failureOf(fetching({ cutAfter }))
    exchange.write('served', 'f', content(3 * MIB, 5))
    expect(await fetching()).toBe(0)
    expect(sha256Hex(exchange.read('fetched', 'f'))).toBe(sha256Hex(content(3 * MIB, 5)))
    expect(exchange.tree('fetched')).toEqual(['f'])
  })

  it('of a long name finds its way back', async () => {
    const exchange = new FileExchange()
    const name = `${'長'.repeat(83)}.bin`
    const path = exchange.write('here', 'x', content(2 * MIB))
    const cutAfter = { from: 'client', bytes: 1_800_000 } as const
    await failureOf(putFile(exchange.connect({ cutAfter }).client, path, { name }))
    expect((await putFile(exchange.connect().client, path, { name })).resumedFrom).toBeGreaterThan(0)
    expect(exchange.tree('inbox')).toEqual([name])
  })
})

describe('a file that changes while it is sent', () => {
  it('to a shorter one is a typed failure, and never arrives as a file', async () => {
    const exchange = new FileExchange()
    const path = exchange.write('here', 'f', content(4 * MIB))
    const onProgress = (done: number): void => {
      if (done > 0) truncateSync(path, MIB)
    }
    const failure = await failureOf(putFile(exchange.connect().client, path, { onProgress }))
    expect(failure).toMatch(/^E_FILE_MISMATCH: .*shorter/)
    expect(exchange.has('inbox', 'f')).toBe(false)
  })
})
