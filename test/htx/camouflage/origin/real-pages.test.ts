/** Calibration with real page loads and real camouflaged connections, on sites of Node's own TLS and HTTP/2. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../../src/lib/core/index.ts'
import { systemRandom } from '../../../../src/lib/crypto/index.ts'
import { dialCamouflaged } from '../../../../src/lib/htx/camouflage/browser/index.ts'
import { Calibrator, pageLoads } from '../../../../src/lib/htx/camouflage/origin/index.ts'
import { parseRoots } from '../../../../src/lib/tls/index.ts'
import { selfSigned } from '../../../link/certificates.ts'
import { dialOptions, echoed } from '../../../support/camouflage/dialling.ts'
import { recordingSite, SITE_NAME } from '../../../support/camouflage/recording-site.ts'

const ORIGIN = `https://${SITE_NAME}/`

function calibratorFor({ port, pem }: { readonly port: number; readonly pem: string }): Calibrator {
  const fetchPage = pageLoads({ host: '127.0.0.1', port, roots: parseRoots(pem), clock: systemClock })
  const calibrator = new Calibrator({ clock: systemClock, random: systemRandom, fetchPage })
  onTestFinished(() => calibrator.close())
  return calibrator
}

describe('a calibrated connection', () => {
  it.each(['ws', 'h2'] as const)('to the origin itself is opened, in mode %s', async (mode) => {
    const site = await recordingSite()
    const inspect = calibratorFor(site).inspector({ origin: ORIGIN })
    const link = await dialCamouflaged({ ...dialOptions(site), mode, inspect })
    onTestFinished(() => link.abort())
    const bytes = new Uint8Array(1_000).fill(3)
    expect(await echoed(link, bytes)).toEqual(bytes)
  })

  it('is opened where mode h2 needs a second connection, which shows TLS alone', async () => {
    const site = await recordingSite({ takesWebSocketsOnHttp2: false })
    const inspect = calibratorFor(site).inspector({ origin: ORIGIN })
    const link = await dialCamouflaged({ ...dialOptions(site), mode: 'h2', inspect })
    onTestFinished(() => link.abort())
    expect(link.kind).toBe('https')
  })

  it('to a server with other settings of HTTP/2 ends before a ticket leaves', async () => {
    const origin = await recordingSite({ http2Settings: { initialWindowSize: 65_536 } })
    const other = await recordingSite({ http2Settings: { initialWindowSize: 1_048_576 } })
    const inspect = calibratorFor(origin).inspector({ origin: ORIGIN })
    const dialling = dialCamouflaged({ ...dialOptions(other), mode: 'h2', inspect })
    await expect(dialling).rejects.toMatchObject({
      code: 'E_CALIBRATION',
      message: expect.stringMatching(/settings\.4 is 1048576, not 65536$/),
    })
    const requests = other.connections.flatMap((connection) => connection.requests)
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /'])
    expect(requests[0]?.fields.some(([name]) => name === 'cookie')).toBe(false)
  })

  it('to a server with another key agreement ends before anything is said over TLS', async () => {
    const origin = await recordingSite()
    const { cert, key } = selfSigned([`DNS:${SITE_NAME}`])
    let said = 0
    const other = createServer({ cert, key, ecdhCurve: 'X25519', ALPNProtocols: ['http/1.1'] }, (socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk: Buffer) => {
        said += chunk.length
      })
    })
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const inspect = calibratorFor(origin).inspector({ origin: ORIGIN })
    const dialling = dialCamouflaged({ ...dialOptions({ port, pem: cert }), inspect })
    await expect(dialling).rejects.toMatchObject({
      code: 'E_CALIBRATION',
      message: expect.stringContaining('group is 29, not 4588'),
    })
    expect(said).toBe(0)
  })
})
