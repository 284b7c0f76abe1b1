import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom, unixSeconds } from '../../../../src/lib/core/index.ts'
import { connect } from '../../../../src/lib/htx/index.ts'
import {
  type Identity,
  issueCertificate,
  KnownPeers,
  rotateIdentity,
} from '../../../../src/lib/identity/index.ts'
import { flipBit } from '../../handshake/sides.ts'
import { CLIENT, identityOf, SERVER, START_MS, turns, until } from '../endpoints.ts'
import { HandListener, type HandListenerOptions } from '../hand-listener.ts'

const DAY = 86_400
const NOW = START_MS / 1000
const OTHER = identityOf(9)

function certificate(
  notBefore: number,
  notAfter: number,
  signer: Identity = SERVER,
  key = SERVER,
): Uint8Array {
  return issueCertificate(signer.sign, { noisePublic: key.noise.publicKey, notBefore, notAfter })
}

/** Connects; true when message 3 reached the listener. */
async function attempt(
  options: HandListenerOptions,
  more: Parameters<typeof connect>[1] = {},
): Promise<{ readonly error: unknown; readonly saidMore: boolean }> {
  const hand = await HandListener.start(options)
  const connecting = connect(hand.address, {
    clock: new ManualClock(START_MS),
    identity: CLIENT,
    ...more,
  })
  const settled = connecting.then(
    () => undefined,
    (error: unknown) => error,
  )
  const sent = await hand.answer()
  const error = await settled
  await turns(5)
  const saidMore = (hand.probes[0]?.bytes as number) > sent
  if (error === undefined) (await connecting).abort()
  return { error, saidMore }
}

const BAD: readonly [why: string, code: string, options: HandListenerOptions][] = [
  ['of another peer', 'E_PEER_MISMATCH', { certificate: certificate(NOW, NOW + DAY, OTHER) }],
  ['for another Noise key', 'E_CERTIFICATE', { certificate: certificate(NOW, NOW + DAY, SERVER, OTHER) }],
  ['that is another listener’s own', 'E_CERTIFICATE', { certificate: OTHER.certificate }],
  ['that expired 301 s ago', 'E_CERTIFICATE', { certificate: certificate(NOW - DAY, NOW - 301) }],
  ['that begins in 301 s', 'E_CERTIFICATE', { certificate: certificate(NOW + 301, NOW + DAY) }],
  [
    'for a second more than 366 days',
    'E_CERTIFICATE',
    { certificate: certificate(NOW, NOW + 366 * DAY + 1) },
  ],
  ['that ends before it begins', 'E_CERTIFICATE', { certificate: certificate(NOW + 200, NOW - 400) }],
  ['of another version', 'E_CERTIFICATE', { certificate: flipBit(SERVER.certificate, 1) }],
  ['with a changed signature', 'E_CERTIFICATE', { certificate: flipBit(SERVER.certificate, 8 * 100) }],
  ['with another end', 'E_CERTIFICATE', { certificate: flipBit(SERVER.certificate, 8 * 80) }],
  ['without a signature', 'E_CERTIFICATE', { certificate: unsigned(SERVER.certificate) }],
  ['of 144 bytes', 'E_HANDSHAKE', { certificate: SERVER.certificate.slice(0, 144) }],
]

function unsigned(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  copy.fill(0, 81)
  return copy
}

describe.each([
  ['a known key', {}],
  ['first contact', { firstContact: true }],
] as const)('with %s, message 3 is never sent to a listener with a certificate', (_name, more) => {
  const lie = 'firstContact' in more ? { address: { x: undefined } } : {}

  it.each(BAD)('%s', async (_why, code, options) => {
    const { error, saidMore } = await attempt({ ...options, ...lie }, more)
    expect(error).toMatchObject({ code })
    expect(saidMore).toBe(false)
  })

  it('… and is sent to one at the edge of its validity', async () => {
    for (const good of [
      certificate(NOW - DAY, NOW - 300),
      certificate(NOW + 300, NOW + DAY),
      certificate(NOW, NOW + 366 * DAY),
    ]) {
      const { error, saidMore } = await attempt({ certificate: good, ...lie }, more)
      expect(error).toBeUndefined()
      expect(saidMore).toBe(true)
    }
  })
})

describe('a listener that holds its key but another name', () => {
  it('is left alone after message 2, however its address was forged', async () => {
    const { error, saidMore } = await attempt({ identity: OTHER, address: { peer: SERVER.peer } })
    expect(error).toMatchObject({ code: 'E_PEER_MISMATCH', exitCode: 1 })
    expect(saidMore).toBe(false)
  })
})

describe('a certificate that was rolled back', () => {
  const clock = new ManualClock(START_MS)
  const newer = (): Promise<KnownPeers> => recordOf(certificate(NOW - 100, NOW + DAY))

  async function recordOf(shown: Uint8Array): Promise<KnownPeers> {
    const trust = new KnownPeers(undefined, { clock })
    const { error } = await attempt({ certificate: shown }, { trust })
    expect(error).toBeUndefined()
    return trust
  }

  it('is refused without message 3 when it is older than the one on record', async () => {
    const trust = await newer()
    const { error, saidMore } = await attempt({ certificate: certificate(NOW - 101, NOW + DAY) }, { trust })
    expect(error).toMatchObject({ code: 'E_CERTIFICATE', reason: 'rolled back' })
    expect(saidMore).toBe(false)
  })

  it('is refused when it is as old as the one on record and says something else', async () => {
    const trust = await newer()
    const { error, saidMore } = await attempt(
      { certificate: certificate(NOW - 100, NOW + DAY + 1) },
      { trust },
    )
    expect(error).toMatchObject({ code: 'E_CERTIFICATE', reason: 'rolled back' })
    expect(saidMore).toBe(false)
  })

  it('does not stop the same one, nor a newer one, nor a rotated key', async () => {
    const trust = await newer()
    expect(
      (await attempt({ certificate: certificate(NOW - 100, NOW + DAY) }, { trust })).error,
    ).toBeUndefined()
    expect(
      (await attempt({ certificate: certificate(NOW - 99, NOW + DAY) }, { trust })).error,
    ).toBeUndefined()
    const rotated = rotateIdentity(SERVER, new SeededRandom(5), new ManualClock(START_MS + 5000))
    expect((await attempt({ identity: rotated }, { trust })).error).toBeUndefined()
    const stolen = await attempt({ certificate: certificate(NOW - 99, NOW + DAY) }, { trust })
    expect(stolen.error).toMatchObject({ code: 'E_CERTIFICATE' })
    expect(stolen.saidMore).toBe(false)
    expect(unixSeconds(clock)).toBe(NOW)
  })
})

describe('a record that cannot be written', () => {
  it('keeps message 3 back', async () => {
    const trust = {
      keyOf: async () => undefined,
      record: async () => {
        throw Object.assign(new Error('disk full'), { code: 'E_IO' })
      },
    }
    const { error, saidMore } = await attempt({}, { trust })
    expect(error).toMatchObject({ message: 'disk full' })
    expect(saidMore).toBe(false)
  })

  it('keeps message 3 back until it is written', async () => {
    const gate = Promise.withResolvers<void>()
    const trust = { keyOf: async () => undefined, record: async () => await gate.promise }
    const hand = await HandListener.start()
    const connecting = connect(hand.address, { clock: new ManualClock(START_MS), trust })
    const sent = await hand.answer()
    await turns(20)
    expect(hand.probes[0]?.bytes).toBe(sent)
    gate.resolve()
    const session = await connecting
    await until(() => (hand.probes[0]?.bytes as number) > sent, 'message 3')
    session.abort()
  })
})
