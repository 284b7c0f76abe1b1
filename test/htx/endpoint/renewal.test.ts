import { expect, it } from 'vitest'
import { AivError, ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { EndpointIdentity } from '../../../src/lib/htx/endpoint/peer-trust.ts'
import {
  createIdentity,
  type Identity,
  parseCertificate,
  renewCertificate,
} from '../../../src/lib/identity/index.ts'

const DAY_MS = 86_400_000
const random = new SeededRandom(3)

function endpoint(renew?: (identity: Identity) => Promise<Identity>): {
  readonly clock: ManualClock
  readonly identity: Identity
  readonly errors: string[]
  readonly shown: EndpointIdentity
} {
  const clock = new ManualClock()
  const identity = createIdentity(random, clock)
  const errors: string[] = []
  const options = { identity, ...(renew === undefined ? {} : { renew }) }
  const shown = new EndpointIdentity(options, clock, random, (error) => errors.push(error.message))
  return { clock, identity, errors, shown }
}

it('shows a renewed certificate after half of its life', async () => {
  const { clock, identity, shown } = endpoint()
  expect(await shown.certificate()).toEqual(identity.certificate)
  clock.advance(46 * DAY_MS)
  await shown.certificate()
  const renewed = parseCertificate(await shown.certificate())
  expect(renewed.notBefore).toBeGreaterThan(parseCertificate(identity.certificate).notBefore)
})

it('goes on with a valid certificate when its key file cannot be written, says so, and tries again later', async () => {
  const { clock, identity, errors, shown } = endpoint(async () => {
    throw new AivError('E_IO', 'the disk is full')
  })
  clock.advance(46 * DAY_MS)
  for (let i = 0; i < 5; i++) expect(await shown.certificate()).toEqual(identity.certificate)
  expect(errors).toEqual(['the disk is full'])
  clock.advance(61_000)
  await shown.certificate()
  await shown.certificate()
  expect(errors).toHaveLength(2)
})

it('renews once for handshakes that come together', async () => {
  let renewals = 0
  const { clock, shown } = endpoint(async (identity) => {
    renewals++
    return renewCertificate(identity, clock)
  })
  clock.advance(46 * DAY_MS)
  await Promise.all(Array.from({ length: 50 }, () => shown.certificate()))
  expect(renewals).toBe(1)
})

it('waits for the renewal of an expired certificate', async () => {
  const { clock, identity, shown } = endpoint()
  clock.advance(91 * DAY_MS)
  expect(await shown.certificate()).not.toEqual(identity.certificate)
})
