/** Answers of sites as nobody would send them: every one is read, or refused with a typed error, and ends. */
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { isAivError, SeededRandom, u32, utf8 } from '../../../../src/lib/core/index.ts'
import { ByteQueue } from '../../../../src/lib/htx/camouflage/browser/http1/byte-queue.ts'
import { readHead, skipBody } from '../../../../src/lib/htx/camouflage/browser/http1/read-response.ts'
import { ServerOpening } from '../../../../src/lib/htx/camouflage/browser/http2/server-opening.ts'

const INPUTS = 5_000
const SEED = 20_261_123

const ANSWERS = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 303 See Other\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nt: u\r\n\r\n',
  'HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nuntil the end',
].map((text) => utf8(text))

/** Some bytes changed, dropped, doubled or cut off. */
function corrupted(bytes: Uint8Array, random: SeededRandom): Uint8Array {
  const out = [...bytes]
  for (let edits = random.below(4); edits > 0; edits--) {
    const at = random.below(out.length)
    const kind = random.below(4)
    if (kind === 0) out[at] = random.below(256)
    else if (kind === 1) out.splice(at, 1 + random.below(4))
    else if (kind === 2) out.splice(at, 0, ...out.slice(at, at + random.below(20)))
    else out.length = at + 1
    if (out.length === 0) out.push(random.below(256))
  }
  return Uint8Array.from(out)
}

async function read(bytes: Uint8Array, random: SeededRandom): Promise<'read' | 'refused'> {
  const stream = new PassThrough()
  const queue = new ByteQueue(stream)
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.below(bytes.length - at)
    stream.write(bytes.subarray(at, end))
    at = end
  }
  stream.end()
  try {
    await skipBody(queue, await readHead(queue), 1_000)
    return 'read'
  } catch (error) {
    if (isAivError(error, 'E_HANDSHAKE') || isAivError(error, 'E_TOO_LARGE')) return 'refused'
    throw error
  }
}

describe('answers of HTTP/1.1', () => {
  it('are read however they are cut', async () => {
    const random = new SeededRandom(SEED)
    for (let i = 0; i < 200; i++)
      expect(await read(ANSWERS[i % ANSWERS.length] as Uint8Array, random)).toBe('read')
  })

  it(`are read or refused in ${INPUTS} corruptions`, async () => {
    const random = new SeededRandom(SEED)
    const counts = { read: 0, refused: 0 }
    for (let i = 0; i < INPUTS; i++)
      counts[await read(corrupted(ANSWERS[i % ANSWERS.length] as Uint8Array, random), random)]++
    // Both happen, or nothing was tried.
    expect(counts.read).toBeGreaterThan(INPUTS / 20)
    expect(counts.refused).toBeGreaterThan(INPUTS / 20)
  })
})

describe('what a server says of itself on HTTP/2', () => {
  /** SETTINGS 3:100, 8:1; WINDOW_UPDATE 7; ALTSVC; HEADERS; SETTINGS 1:64. */
  const opening = Buffer.from(
    '00000c040000000000' +
      '000300000064' +
      '000800000001' +
      '00000408000000000000000007' +
      '0000080a0000000000' +
      '0000' +
      '68333d223a22' +
      '000001010500000001' +
      '88' +
      '000006040000000000' +
      '000100000040',
    'hex',
  )

  it('is kept, in order, however it is cut', () => {
    for (let cut = 0; cut <= opening.length; cut++) {
      const tables: number[] = []
      const seen = new ServerOpening((settings) => {
        for (const [id, value] of settings) if (id === 1) tables.push(value)
      })
      seen.push(opening.subarray(0, cut))
      seen.push(opening.subarray(cut))
      expect(seen.settings).toEqual([
        [3, 100],
        [8, 1],
      ])
      expect(seen.windowUpdate).toBe(7)
      expect(seen.altSvc).toBe('h3=":"')
      expect(tables).toEqual([64])
    }
  })

  it('never fails, whatever it is', () => {
    const random = new SeededRandom(SEED)
    for (let i = 0; i < INPUTS; i++) {
      const seen = new ServerOpening(() => {})
      const bytes = corrupted(Uint8Array.from([...opening, ...u32(random.uint32())]), random)
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + random.below(40)
        seen.push(bytes.subarray(at, end))
        at = end
      }
      expect(seen.settings?.length ?? 0).toBeLessThan(700)
    }
  })
})
