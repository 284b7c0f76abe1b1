/** The opener before an acceptor that does not do what the specification says, or does not want to. */
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { concat, u64 } from '../../../../src/lib/core/index.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import {
  acceptService,
  echoService,
  type HtxSession,
  openContinued,
  RESUME_SERVICE,
  type Service,
} from '../../../../src/lib/htx/index.ts'
import { encodeAbort } from '../../../../src/lib/htx/service/resume/records.ts'
import { failureOf } from '../../../support/file-exchange.ts'
import { LIVE_CLOCK, startListener, turns } from '../../endpoint/endpoints.ts'
import { data } from './by-hand.ts'
import { continuing, cut, readAll, readSome } from './continuing.ts'

/** Answers the openings of one service with these counts in turn. */
async function withCounts(counts: readonly (number | bigint)[]): Promise<{
  readonly address: string
  readonly sessions: readonly HtxSession[]
  /** What came on each stream, hexadecimal. */
  readonly heard: string[]
}> {
  const heard: string[] = []
  const counted: Service = async ({ accept, reader, stream }) => {
    const index = heard.push('') - 1
    accept()
    reader.release()
    // With the status of the service inside, and a byte.
    const first = index === 0 ? data(Uint8Array.of(0, 33)) : new Uint8Array()
    stream.on('error', () => {}).write(concat(u64(counts[index] ?? 0), first))
    stream.on('data', (chunk: Buffer) => {
      heard[index] += chunk.toString('hex')
    })
    await once(stream, 'close')
  }
  const { listener, sessions } = await startListener({
    clock: LIVE_CLOCK,
    onStream: (stream, session) =>
      void acceptService(stream, session, { clock: LIVE_CLOCK, services: { [RESUME_SERVICE]: counted } }),
  })
  return { address: listener.address, sessions, heard }
}

describe('the opener of a continued service', () => {
  it.each([
    ['beyond what it sent', 4],
    ['that no stream reaches', 2n ** 63n],
  ])('ends it at a count %s, and asks no second time', async (_what, count) => {
    const { address, sessions, heard } = await withCounts([0, count])
    const running = await continuing({})
    const { stream, settled } = await openContinued(running.connector({}, [address]), 'any')
    expect(await readSome(stream, 1)).toBe('!')
    stream.write('abc')
    await turns(20)
    const failed = once(stream, 'error')
    cut(sessions)
    expect(await failed).toMatchObject([{ code: 'E_RESUME_UNKNOWN' }])
    await expect(settled).rejects.toMatchObject({ code: 'E_RESUME_UNKNOWN' })
    await turns(20)
    expect(heard).toHaveLength(2)
    expect(heard[1]).toBe(Buffer.from(encodeAbort(CODE.POLICY_REJECTED)).toString('hex'))
  })

  it('does not begin one at a count of what was never sent', async () => {
    const { address, heard } = await withCounts([1])
    const running = await continuing({})
    const opened = openContinued(running.connector({}, [address]), 'any')
    expect(await failureOf(opened)).toContain('E_RESUME_UNKNOWN')
    await turns(20)
    expect(heard).toEqual([Buffer.from(encodeAbort(CODE.POLICY_REJECTED)).toString('hex')])
  })

  it('says why a service is not continued', async () => {
    const running = await continuing({ echo: echoService }, { limits: { perPeer: 0 } })
    const opened = await openContinued(running.connector(), 'echo')
    expect([opened.isContinued, opened.refusal?.message]).toEqual([
      false,
      'the peer refused service resume/1: too many services are being continued',
    ])
    opened.stream.end('plain')
    expect(String(Buffer.from(await readAll(opened.stream)))).toBe('plain')
  })
})
