/** Opening and accepting services (section 12.1) over two sessions joined in memory. */
import { describe, expect, it } from 'vitest'
import { AivError, fromHex, ManualClock, toHex, utf8 } from '../../../src/lib/core/index.ts'
import type { HtxStream } from '../../../src/lib/htx/endpoint/htx-stream.ts'
import {
  acceptService,
  openRawService,
  openService,
  refusal,
  type Service,
} from '../../../src/lib/htx/service/index.ts'
import { failureOf, turns, until } from '../../support/file-exchange.ts'
import { StreamPair } from '../../support/stream-pair.ts'

interface Offering {
  readonly pair: StreamPair
  readonly clock: ManualClock
  /** Code or message of each error, with its service. */
  readonly errors: string[]
}

function offering(services: Readonly<Record<string, Service>>): Offering {
  const clock = new ManualClock()
  const pair = new StreamPair({ clock })
  const errors: string[] = []
  const onError = (error: Error, service: string): void =>
    void errors.push(`${service}: ${error instanceof AivError ? error.code : error.message}`)
  pair.server.onStream((stream) => void acceptService(stream, pair.server, { clock, services, onError }))
  return { pair, clock, errors }
}

const shout: Service = async ({ accept, params, reader, stream }) => {
  accept()
  for (;;) {
    const chunk = await reader.chunk(65_536)
    if (chunk === undefined) break
    stream.write(`${Buffer.from(chunk).toString().toUpperCase()}${String(params.mark)}`)
  }
  stream.end()
}

async function everythingFrom(stream: HtxStream): Promise<string> {
  const parts: string[] = []
  for await (const chunk of stream) parts.push(String(chunk))
  return parts.join('')
}

/** A stream that says these bytes to the acceptor. */
function raw({ pair }: Offering, hex: string): { stream: HtxStream; error: Promise<AivError> } {
  const stream = pair.client.openStream()
  const error = new Promise<AivError>((resolve) => stream.once('error', resolve))
  stream.write(fromHex(hex))
  return { stream, error }
}

describe('a service', () => {
  it('gets its parameters, and the bytes behind the header', async () => {
    const { pair, errors } = offering({ shout })
    const stream = await openRawService(pair.client, 'shout', { mark: '!' })
    stream.end('hello')
    expect(await everythingFrom(stream)).toBe('HELLO!')
    await turns(10)
    expect([pair.client.streamCount, pair.server.streamCount]).toEqual([0, 0])
    expect(errors).toEqual([])
  })

  it('says ok with one zero byte', async () => {
    const here = offering({ shout })
    const { stream } = raw(here, '0573686f7574' + '01a0')
    stream.end()
    expect(toHex(utf8(await everythingFrom(stream)))).toBe('00')
  })

  it('that is not offered is refused by name, and the stream is gone', async () => {
    const { pair, errors } = offering({ shout })
    expect(await failureOf(openService(pair.client, 'whisper'))).toBe(
      'E_SERVICE_REFUSED: the peer refused service whisper: service whisper is not offered here',
    )
    await turns(10)
    expect([pair.client.streamCount, pair.server.streamCount]).toEqual([0, 0])
    expect(errors).toEqual([])
  })

  it.each(['constructor', 'to.string', '__proto__'.replaceAll('_', '.')])(
    'is looked up among its own kind only (%s)',
    async (name) => {
      const { pair } = offering({})
      expect(await failureOf(openService(pair.client, name))).toMatch(/^E_SERVICE_REFUSED: /)
    },
  )

  it('may refuse with its own words', async () => {
    const { pair, errors } = offering({
      closed: async () => {
        throw refusal('come back tomorrow')
      },
    })
    expect(await failureOf(openService(pair.client, 'closed'))).toMatch(/: come back tomorrow$/)
    expect(errors).toEqual([])
  })

  it('that fails resets the stream, and the operator learns why', async () => {
    const { pair, errors } = offering({
      broken: async () => {
        throw new AivError('E_IO', 'private detail')
      },
      later: async ({ accept }) => {
        accept()
        await turns(5)
        throw new Error('defect')
      },
    })
    expect(await failureOf(openService(pair.client, 'broken'))).toBe(
      'E_STREAM_RESET: the peer reset the stream: INTERNAL_ERROR',
    )
    const { stream } = await openService(pair.client, 'later')
    await until(() => stream.destroyed)
    expect(stream.errored).toMatchObject({ code: 'E_STREAM_RESET' })
    expect(errors).toEqual(['broken: E_IO', 'later: defect'])
  })
})

describe('a header', () => {
  it('that is malformed resets the stream with DENIED', async () => {
    const here = offering({ shout })
    const { error } = raw(here, '21')
    expect((await error).message).toContain('DENIED')
    await turns(5)
    expect(here.errors).toEqual([': E_MALFORMED'])
    expect(here.pair.server.streamCount).toBe(0)
  })

  it('that ends too early resets the stream with DENIED', async () => {
    const here = offering({ shout })
    const { stream, error } = raw(here, '0573')
    stream.end()
    expect((await error).message).toContain('DENIED')
    await turns(5)
    expect(here.errors).toEqual([': E_MALFORMED'])
  })

  it('may take a minute and no longer', async () => {
    const here = offering({ shout })
    const { stream, error } = raw(here, '0573')
    await turns(10)
    here.clock.advance(59_999)
    await turns(10)
    expect(stream.destroyed).toBe(false)
    here.clock.advance(1)
    expect((await error).message).toContain('IDLE')
    await turns(5)
    expect(here.pair.server.streamCount).toBe(0)
  })

  it('in time takes the deadline away', async () => {
    const here = offering({ shout })
    const stream = await openRawService(here.pair.client, 'shout', { mark: '' })
    here.clock.advance(1_000_000)
    stream.end('still')
    expect(await everythingFrom(stream)).toBe('STILL')
  })
})

describe('opening', () => {
  it('gives up when the signal says so, before and while it waits', async () => {
    const { pair } = offering({ silent: async () => await new Promise(() => {}) })
    const before = openService(pair.client, 'silent', {}, { signal: AbortSignal.abort() })
    expect(await failureOf(before)).toMatch(/^E_ABORTED: /)
    const controller = new AbortController()
    const waiting = failureOf(openService(pair.client, 'silent', {}, { signal: controller.signal }))
    await turns(10)
    controller.abort()
    expect(await waiting).toMatch(/^E_ABORTED: /)
    await turns(10)
    expect([pair.client.streamCount, pair.server.streamCount]).toEqual([0, 0])
  })

  it('fails with the link, and on a session that is over', async () => {
    const { pair } = offering({ silent: async () => await new Promise(() => {}) })
    const waiting = failureOf(openService(pair.client, 'silent'))
    await turns(10)
    pair.cut()
    expect(await waiting).toBe('E_LINK_LOST: the link ended without CLOSE')
    expect(await failureOf(openService(pair.client, 'silent'))).toMatch(/^E_SESSION_CLOSED: /)
  })

  it.each([
    ['a message of 513 bytes', '014201'],
    ['a message that is no UTF-8', '0101ff'],
    ['nothing', ''],
  ])('refuses an acceptor that answers with %s', async (_, hex) => {
    const pair = new StreamPair()
    pair.server.onStream((stream) => {
      stream.on('error', () => {})
      stream.end(fromHex(hex))
    })
    expect(await failureOf(openService(pair.client, 'any'))).toMatch(/^E_MALFORMED: /)
    await turns(10)
    expect(pair.client.streamCount).toBe(0)
  })
})
