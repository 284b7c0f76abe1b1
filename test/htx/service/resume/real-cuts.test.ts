import { describe, expect, it } from 'vitest'
import { parseAddress } from '../../../../src/lib/htx/address.ts'
import { echoService, formatAddress } from '../../../../src/lib/htx/index.ts'
import { runThroughCuts } from '../../../support/continuity-run.ts'
import { startProxy } from '../../endpoint/tcp-proxy.ts'
import { continuing, readSome } from './continuing.ts'

const HERE = 'htx+tcp://127.0.0.1:0'

/** The same peer at another port. */
function at(address: string, port: number): string {
  return formatAddress({ ...parseAddress(address, 'connect'), port })
}

describe('a continued service over TCP', () => {
  it('loses and doubles nothing when every link is reset after 50 ms', async () => {
    const running = await continuing({ echo: echoService }, { place: HERE })
    const proxy = await startProxy(running.listener.port)
    const connector = running.connector({ retries: 1000 }, [at(running.listener.address, proxy.port)])
    let isOver = false
    let cuts = 0
    const cutting = setInterval(() => {
      cuts += proxy.connections > 0 ? 1 : 0
      proxy.cut()
    }, 50)
    setTimeout(() => {
      isOver = true
      clearInterval(cutting)
    }, 3000)
    const { bulkBytes, lines } = await runThroughCuts(connector, () => isOver)
    expect(cuts).toBeGreaterThan(15)
    expect(bulkBytes).toBeGreaterThan(1_000_000)
    expect(lines).toBeGreaterThan(10)
  })

  it('follows its client to another address while the old link only falls silent', async () => {
    const running = await continuing({ echo: echoService }, { place: HERE })
    const [first, second] = [await startProxy(running.listener.port), await startProxy(running.listener.port)]
    const addresses = [first, second].map(({ port }) => at(running.listener.address, port))
    const connector = running.connector({}, addresses)
    const stream = await running.open(connector)
    stream.write('before')
    expect(await readSome(stream, 6)).toBe('before')
    // The listener believes in the old link; the client has left it.
    first.stop()
    connector.session?.abort()
    stream.write('behind')
    expect(await readSome(stream, 6)).toBe('behind')
    expect(second.passed.up).toBeGreaterThan(0)
    expect(running.sessions.filter(({ isOpen }) => isOpen)).toHaveLength(2)
  })
})
