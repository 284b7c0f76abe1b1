/** The browser and the site of the camouflaged link, each the other's only peer. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { EMPTY, systemClock } from '../../../../src/lib/core/index.ts'
import { systemRandom } from '../../../../src/lib/crypto/index.ts'
import {
  type CamouflagedDialOptions,
  dialCamouflaged,
} from '../../../../src/lib/htx/camouflage/browser/index.ts'
import { accessTicketBinding } from '../../../../src/lib/htx/endpoint/binding.ts'
import { buildTicket, parsePolicy } from '../../../../src/lib/htx/ticket/index.ts'
import type { Link } from '../../../../src/lib/link/index.ts'
import { parseRoots, selfSigned } from '../../../../src/lib/tls/index.ts'
import { PATH, type RunningSite, startSite } from '../site/site.ts'

const NAME = 'decoy.test'
const certificate = selfSigned({ names: [NAME], clock: systemClock })
const STATIC_KEY = new Uint8Array(32).fill(7)

function dialFor(site: RunningSite, carrier: string, mode: 'ws' | 'h2'): CamouflagedDialOptions {
  const grant = { ...site.grant, policy: parsePolicy(`BN-Ticket: v2; carriers=${carrier}:1; len=24..64`) }
  return {
    host: '127.0.0.1',
    port: site.port,
    serverName: NAME,
    path: PATH,
    mode,
    roots: parseRoots(certificate.cert),
    clock: systemClock,
    random: systemRandom,
    grant,
    ticket: (exporter) =>
      buildTicket(grant, {
        clock: site.clock,
        random: systemRandom,
        binding: accessTicketBinding(STATIC_KEY, exporter(64, 'htx inner v1', EMPTY)),
      }),
  }
}

/** The link's next bytes, as many as that. */
function received(link: Link, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    let left = length
    link.attach({
      data(chunk) {
        chunks.push(chunk)
        left -= chunk.length
        if (left === 0) resolve(Buffer.concat(chunks))
      },
      end() {},
      drain() {},
      close: (error) => reject(error ?? new Error('closed')),
    })
  })
}

describe('the browser and the site', () => {
  for (const mode of ['ws', 'h2'] as const) {
    for (const carrier of ['cookie', 'query', 'body']) {
      it(`meet in mode ${mode}, with the ticket in the ${carrier}`, async () => {
        const site = await startSite({ tls: certificate })
        const ours = await dialCamouflaged(dialFor(site, carrier, mode))
        onTestFinished(() => ours.abort())
        const [theirs] = site.links as [Link]
        onTestFinished(() => theirs.abort())
        const bytes = systemRandom.bytes(400_000)
        const [here, there] = [received(ours, bytes.length), received(theirs, bytes.length)]
        ours.write([bytes])
        theirs.write([bytes])
        expect((await there).equals(bytes)).toBe(true)
        expect((await here).equals(bytes)).toBe(true)
        const material = ours.exportKeyingMaterial?.(64, 'htx inner v1', EMPTY)
        expect(material).toEqual(theirs.exportKeyingMaterial?.(64, 'htx inner v1', EMPTY))
        expect(site.links).toHaveLength(1)
      })

      it(`part in mode ${mode} when the ticket in the ${carrier} is none`, async () => {
        const site = await startSite({ tls: certificate })
        const dialled = dialCamouflaged({
          ...dialFor(site, carrier, mode),
          ticket: () => systemRandom.bytes(150),
        })
        await expect(dialled).rejects.toMatchObject({
          code: 'E_HANDSHAKE',
          message: expect.stringMatching(/^the site answered as a web site, with status 4\d\d$/),
        })
        expect(site.links).toEqual([])
      })
    }
  }
})
