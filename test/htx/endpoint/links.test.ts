import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { CODE } from '../../../src/lib/htx/codes.ts'
import { connect, listen } from '../../../src/lib/htx/index.ts'
import { CLIENT, connectTo, identityOf, LIVE_CLOCK, SERVER, startListener, until } from './endpoints.ts'

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)
if (!hasIpv6) process.stdout.write('skipped: this machine has no ::1\n')

const PLACES = [
  'htx+tcp://127.0.0.1:0',
  ...(hasIpv6 ? ['htx+tcp://[::1]:0'] : []),
  'htx+ws://127.0.0.1:0',
  'htx+quic://127.0.0.1:0',
  'htx+mem://links:0',
]

describe.each(PLACES)('over %s', (place) => {
  it('two endpoints speak, both know who the other is, and part in good order', async () => {
    const running = await startListener(
      {
        clock: LIVE_CLOCK,
        onStream: (stream) => {
          stream.on('error', () => {}).pipe(stream)
        },
      },
      place,
    )
    const session = await connectTo(running)
    const stream = session.openStream()
    const sent = Buffer.alloc(600_000, 'ab')
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.end(sent)
    await once(stream, 'end')
    expect(Buffer.concat(chunks).equals(sent)).toBe(true)
    expect([session.peer, running.sessions[0]?.peer]).toEqual([SERVER.peer, CLIENT.peer])
    expect(session.description.sessionId).toBe(running.sessions[0]?.description.sessionId)
    await running.listener.close()
    expect(await session.closed).toMatchObject({ cause: 'closed', code: CODE.OK })
    expect(running.errors).toEqual([])
  })

  it('a session that is dropped is lost to the other end', async () => {
    const running = await startListener({ clock: LIVE_CLOCK }, place)
    const session = await connectTo(running)
    await until(() => running.sessions.length === 1, 'the session')
    session.abort()
    expect(await running.sessions[0]?.closed).toMatchObject({ cause: 'link-lost' })
    expect(await session.closed).toMatchObject({ cause: 'link-lost' })
  })

  it('a client with the wrong key waits in vain', async () => {
    const running = await startListener({ clock: LIVE_CLOCK }, place)
    const wrong = await startListener(
      { clock: LIVE_CLOCK, identity: identityOf(9) },
      place.replace('links', 'other'),
    )
    const x = /x=[a-z2-7]+/
    const address = running.listener.address.replace(x, x.exec(wrong.listener.address)?.[0] as string)
    await expect(connect(address, { clock: LIVE_CLOCK, handshakeTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'E_HANDSHAKE_TIMEOUT',
    })
    expect(running.outcomes[0]).toBe('silent')
  })
})

describe('a listener', () => {
  it('prints the exact address that a client takes, whatever port it got', async () => {
    const running = await startListener({ clock: LIVE_CLOCK }, 'htx+tcp://127.0.0.1:0')
    const { address, port, peer } = running.listener
    expect(address).toContain(`${SERVER.peer}@127.0.0.1:${port}?x=`)
    expect([peer, port > 0]).toEqual([SERVER.peer, true])
    expect((await connectTo(running)).peer).toBe(SERVER.peer)
  })

  it('does not start on what it cannot serve', async () => {
    const running = await startListener({ clock: LIVE_CLOCK }, 'htx+tcp://127.0.0.1:0')
    for (const [address, code] of [
      [`htx+tcp://127.0.0.1:${running.listener.port}`, 'E_ADDRESS_IN_USE'],
      ['htx+https://127.0.0.1:0', 'E_USAGE'],
      ['htx+wss://127.0.0.1:0', 'E_USAGE'],
      [`htx+tcp://${SERVER.peer}@127.0.0.1:0`, 'E_ADDRESS'],
      ['nowhere', 'E_ADDRESS'],
    ] as const)
      await expect(listen(address, {}), address).rejects.toMatchObject({ code })
  })

  it('that is not there is unreachable', async () => {
    const running = await startListener({ clock: LIVE_CLOCK }, 'htx+tcp://127.0.0.1:0')
    await running.listener.close()
    await expect(connectTo(running)).rejects.toMatchObject({ code: 'E_UNREACHABLE', exitCode: 3 })
  })
})
