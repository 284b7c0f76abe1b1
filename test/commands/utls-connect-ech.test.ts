import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pinOfCertificate } from '../../src/lib/tls/index.ts'
import { type AivResult, aiv, REPOSITORY, temporaryFolder } from '../support/aiv.ts'
import { newEchKeys, PUBLIC_NAME, SECRET_NAME, twoNames } from '../support/ech-site/ech-keys.ts'
import { type EchSite, openEchSite } from '../support/ech-site/ech-site.ts'
import { broken } from '../support/json-promise.ts'
import { NAMED_GROUP } from '../support/tls-server/key-exchange.ts'
import type { EchScript } from '../support/tls-server/script.ts'

const NAMES = twoNames()
const [KNOWN, OTHER] = [newEchKeys(), newEchKeys()]
const REFUSING = { key: OTHER.key, publicIdentity: NAMES.front }

async function siteOf(ech: EchScript): Promise<EchSite> {
  return await openEchSite(NAMES.behind, { alpn: 'http/1.1', group: NAMED_GROUP.x25519, ech })
}

async function connect(site: EchSite, ...args: readonly string[]): Promise<AivResult> {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'ca.pem'), NAMES.behind.pem + NAMES.front.pem)
  const input = `GET / HTTP/1.1\r\nHost: ${SECRET_NAME}\r\n\r\n`
  const list = Buffer.from(KNOWN.list).toString('base64')
  const words = [
    'utls',
    'connect',
    `127.0.0.1:${site.port}`,
    '--sni',
    SECRET_NAME,
    '--ca',
    'ca.pem',
    '--ech',
    list,
  ]
  const result = await aiv([...words, ...args], { cwd, input })
  await site.close()
  return result
}

const events = ({ stderr }: AivResult): readonly Record<string, unknown>[] =>
  stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const rejected = (retryConfigs: Uint8Array | null): unknown => ({
  v: 1,
  event: 'ech_rejected',
  time: expect.any(String),
  ech: { status: 'rejected', public_name: PUBLIC_NAME, inner_name: SECRET_NAME },
  retry_configs: retryConfigs && Buffer.from(retryConfigs).toString('base64'),
})
const ACCEPTED = { status: 'accepted', public_name: PUBLIC_NAME, inner_name: SECRET_NAME }
const TITLE = `<title>in secret to ${SECRET_NAME}, after 1 hello</title>`

describe('aiv utls connect --ech', () => {
  it('hides the name, and says so', async () => {
    const result = await connect(await siteOf({ key: KNOWN.key }), '--json')
    expect(result.code, result.stderr).toBe(0)
    expect(result.stdout).toContain(TITLE)
    const [connected] = events(result)
    expect(connected).toMatchObject({ event: 'connected', ech: ACCEPTED })
    const path = join(REPOSITORY, 'fixtures/json-samples/utls-connect-connected.json')
    expect(broken(JSON.parse(readFileSync(path, 'utf8')), connected)).toEqual([])
  })

  it('tells people where it is hidden', async () => {
    const { stderr } = await connect(await siteOf({ key: KNOWN.key }))
    expect(stderr).toMatch(
      new RegExp(`^connected: TLS 1\\.3, .*, http/1\\.1, ECH behind ${PUBLIC_NAME}$`, 'm'),
    )
  })

  it('tries the configurations that the server gives, once', async () => {
    const site = await siteOf({ ...REFUSING, retryConfigs: OTHER.list })
    const result = await connect(site, '--json')
    expect(result.code, result.stderr).toBe(0)
    expect(result.stdout).toContain(TITLE)
    expect(events(result).slice(0, 2)).toEqual([
      rejected(OTHER.list),
      expect.objectContaining({ event: 'connected', ech: ACCEPTED }),
    ])
    const path = join(REPOSITORY, 'fixtures/json-samples/utls-connect-ech-rejected.json')
    expect(broken(JSON.parse(readFileSync(path, 'utf8')), events(result)[0])).toEqual([])
    expect(site.visits).toHaveLength(2)
  })

  it.each([
    [
      'that the server gives are of no use either',
      { ...REFUSING, retryConfigs: KNOWN.list },
      [],
      2,
      KNOWN.list,
    ],
    ['are not wanted', { ...REFUSING, retryConfigs: OTHER.list }, ['--no-ech-retry'], 1, OTHER.list],
    ['are not given', REFUSING, [], 1, null],
  ])(
    'fails with exit code 1, and nothing in the open, when other configurations %s',
    async (_what, ech, args, visits, given) => {
      const site = await siteOf(ech)
      const result = await connect(site, '--json', ...args)
      expect([result.code, result.stdout]).toEqual([1, ''])
      const lines = events(result)
      expect(lines.slice(0, -1)).toEqual(Array.from({ length: visits }, () => rejected(given)))
      expect(lines.at(-1)).toMatchObject({
        error: { code: 'E_ECH_REJECTED', hint: expect.any(String) as string },
      })
      expect(site.visits).toHaveLength(visits)
      const wire = Buffer.concat(site.visits.flatMap(({ chunks }) => chunks)).toString('latin1')
      expect(wire).not.toContain('secret')
    },
  )

  it('believes the pinned key alone about other configurations', async () => {
    const pin = ['--pin', pinOfCertificate(NAMES.behind.certificate), '--json']
    const given = { key: OTHER.key, retryConfigs: OTHER.list }
    const own = await connect(await siteOf({ ...given, publicIdentity: NAMES.behind }), ...pin)
    expect([own.code, own.stdout.includes(TITLE)], own.stderr).toEqual([0, true])
    const another = await connect(await siteOf({ ...given, publicIdentity: NAMES.front }), ...pin)
    expect([another.code, another.stdout]).toEqual([1, ''])
    expect(events(another)).toMatchObject([{ error: { code: 'E_CERTIFICATE' } }])
  })

  it.each([
    ['a configuration that cannot be used', ['--ech', 'AAj+DQAEAAAgAA=='], 2],
    ['a file that is not there', ['--ech', 'no-such.pem'], 2],
    ['a browser that had no ECH', ['--chrome', '96'], 2],
    ['another browser', ['--firefox', 'latest'], 2],
  ])('sends nothing with %s', async (_what, args, code) => {
    const site = await siteOf({ key: KNOWN.key })
    const result = await connect(site, ...args)
    expect([result.code, result.stdout]).toEqual([code, ''])
    expect(site.visits.flatMap(({ chunks }) => chunks)).toEqual([])
  })
})
