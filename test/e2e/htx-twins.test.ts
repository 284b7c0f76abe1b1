import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SeededRandom } from '../../src/lib/core/index.ts'
import { serveStatus } from '../../src/lib/htx/index.ts'
import { aiv, startAiv, temporaryFolder } from '../support/aiv.ts'

const PEER = 'ciqbn5dcvfzcmhtb35vmiqsr3jd6hktlghb5nqfx3u5c25vxvxi6ovi'

/** A process of this home that says it listens there. */
async function pretendToListen(home: string, address: string, more: object = {}): Promise<void> {
  const status = { pid: 1, role: 'listen', address, since: new Date(0).toISOString(), sessions: [], ...more }
  const folder = join(home, 'run')
  const server = await serveStatus(folder, 1, new SeededRandom(5), () => JSON.stringify(status))
  onTestFinished(() => server.close())
}

async function failureOf(args: readonly string[], home: string) {
  const { code, stdout } = await aiv([...args, '--json'], { env: { AIV_HOME: home } })
  return { code, error: (JSON.parse(stdout) as { error: { code: string; hint: string } }).error }
}

describe('a plain and a camouflaged link of one operator', () => {
  it('do not listen on one port number', async () => {
    const home = join(temporaryFolder(), 'home')
    const plain = startAiv(['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--json'], {
      env: { AIV_HOME: home },
    })
    const { address } = await plain.nextEvent()
    const [, port] = /@127\.0\.0\.1:(\d+)/.exec(String(address)) ?? []
    const { code, error } = await failureOf(
      ['htx', 'listen', `htx+https://127.0.0.2:${port}`, '--echo'],
      home,
    )
    expect([code, error.code]).toEqual([2, 'E_USAGE'])
    expect(error.hint).toContain('Stop the other listener')
  })

  it('do not listen under one name, whichever is first', async () => {
    const home = join(temporaryFolder(), 'home')
    await pretendToListen(home, `htx+https://${PEER}@0.0.0.0:8443`, { site: 'localhost' })
    const { code, error } = await failureOf(['htx', 'listen', 'htx+tcp://localhost:0', '--echo'], home)
    expect([code, error.code]).toEqual([2, 'E_USAGE'])
    const other = startAiv(['htx', 'listen', 'htx+tcp://127.0.0.1:0', '--echo', '--json'], {
      env: { AIV_HOME: home },
    })
    expect(await other.nextEvent()).toMatchObject({ event: 'ready' })
  })

  it('do not stand in one command line of connect', async () => {
    const home = join(temporaryFolder(), 'home')
    const hidden = `htx+https://${PEER}@192.0.2.7:443`
    for (const more of [[`htx+quic://${PEER}@192.0.2.7:443`], ['--link', 'tcp']]) {
      const { code, stderr } = await aiv(['htx', 'connect', hidden, ...more], { env: { AIV_HOME: home } })
      expect(code).toBe(2)
      expect(stderr).toContain('gives away that htx+https://192.0.2.7:443 is no web site')
    }
  })
})
