import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { rootsOf } from '../../../src/lib/tls/certificate/roots/trust-roots.ts'
import { CertificateError } from '../../../src/lib/tls/certificate/verify/certificate-error.ts'
import { verifyServerChain } from '../../../src/lib/tls/certificate/verify/verify-server-chain.ts'
import {
  DER_EXTENSIONS,
  type DerOrder,
  derCertificate,
  extension,
} from '../../support/certificates/der-certificate.ts'

const NOW = Date.UTC(2031, 0, 1)
const HOUR_MS = 3_600_000
const HOST = 'www.example.com'
/** Processor time, which does not depend on what else the machine does; it is loaded when all tests run. */
const CPU_MS = 2_000

const pairs = Array.from({ length: 4 }, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
const [first, second, third, fourth] = pairs as [Pair, Pair, Pair, Pair]
type Pair = (typeof pairs)[number]

function make(
  order: Pick<DerOrder, 'subject' | 'issuer' | 'extensions' | 'serial'>,
  subject: Pair,
  issuer: Pair,
): Uint8Array {
  const [publicKey, issuerKey] = [subject.publicKey, issuer.privateKey]
  return derCertificate({ from: NOW - HOUR_MS, to: NOW + HOUR_MS, ...order, publicKey, issuerKey })
}

const authority = (
  subject: string,
  issuer: string,
  own: Pair,
  by: Pair,
  serial = 0,
  more: Uint8Array[] = [],
) => make({ subject, issuer, serial, extensions: [DER_EXTENSIONS.authority, ...more] }, own, by)
const server = (issuer: string, by: Pair, names = [HOST]) =>
  make({ subject: 'server', issuer, extensions: [DER_EXTENSIONS.names(...names)] }, fourth, by)

/** The refusal and the processor time until it came. */
function refusal(
  chain: readonly Uint8Array[],
  roots: readonly Uint8Array[],
): { alert: string; cpuMs: number } {
  const trusted = rootsOf(roots)
  const before = process.cpuUsage()
  try {
    verifyServerChain({ chain, roots: trusted, serverName: HOST, clock: new ManualClock(NOW) })
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    const { user, system } = process.cpuUsage(before)
    return { alert: error.alert, cpuMs: (user + system) / 1000 }
  }
  return { alert: 'accepted', cpuMs: 0 }
}

describe('a server that sends certificates to keep its client busy', () => {
  const root = authority('root', 'root', first, first)

  it('is refused where authorities vouch for each other in every way', () => {
    // Sixty keys under one name, each signed by the one key under which all of them could be issuers.
    const keys = Array.from({ length: 60 }, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
    const mesh = keys.map((own, i) => authority('mesh', 'mesh', own, keys[(i + 1) % keys.length] as Pair, i))
    const { alert, cpuMs } = refusal([server('mesh', keys[0] as Pair), ...mesh], [root])
    expect(alert).toBe('certificate_unknown')
    expect(cpuMs).toBeLessThan(CPU_MS)
  })

  it('is refused where each authority has two certificates, so that paths double with each step', () => {
    const steps = Array.from({ length: 30 }, (_, i) => [
      authority(`step ${i}`, `step ${i + 1}`, second, second, 1),
      authority(`step ${i}`, `step ${i + 1}`, third, second, 2),
    ]).flat()
    const { alert, cpuMs } = refusal([server('step 0', second), ...steps], [root])
    expect(alert).not.toBe('accepted')
    expect(cpuMs).toBeLessThan(CPU_MS)
  })

  it('is refused where each authority says as much as it can', () => {
    const names = DER_EXTENSIONS.names(...Array.from({ length: 90 }, (_, i) => `${i}.${HOST}`))
    const keys = Array.from({ length: 40 }, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
    const mesh = keys.map((own, i) =>
      authority('mesh', 'mesh', own, keys[(i + 1) % keys.length] as Pair, i, [names]),
    )
    const { alert, cpuMs } = refusal([server('mesh', keys[0] as Pair), ...mesh], [root])
    expect(alert).toBe('certificate_unknown')
    expect(cpuMs).toBeLessThan(CPU_MS)
  })

  it('is accepted where key identifiers show the way through sixty authorities of two names', () => {
    const own = (id: string): Uint8Array => extension('551d0e', `0401${id}`, false)
    const by = (id: string): Uint8Array => extension('551d23', `30038001${id}`, false)
    const strangers = (name: string, above: string): readonly Uint8Array[] =>
      Array.from({ length: 30 }, (_, i) => authority(name, above, fourth, fourth, i, [own('ff')]))
    const upper = authority('upper', 'root', second, first, 0, [own('01')])
    const lower = authority('lower', 'upper', third, second, 0, [own('02'), by('01')])
    const names = DER_EXTENSIONS.names(HOST)
    const leaf = make({ subject: 'server', issuer: 'lower', extensions: [names, by('02')] }, fourth, third)
    const chain = [leaf, ...strangers('lower', 'upper'), lower, ...strangers('upper', 'root'), upper]
    expect(refusal(chain, [...strangers('root', 'root').slice(0, 3), root]).alert).toBe('accepted')
    const without = make({ subject: 'server', issuer: 'lower', extensions: [names] }, fourth, third)
    expect(refusal([without, ...chain.slice(1)], [root]).alert).toBe('accepted')
  })

  it('is refused for too many certificates and too many bytes before one is read', () => {
    const leaf = server('root', first)
    expect(
      refusal(
        Array.from({ length: 64 }, () => leaf),
        [root],
      ).alert,
    ).toBe('accepted')
    expect(
      refusal(
        Array.from({ length: 65 }, () => leaf),
        [root],
      ).alert,
    ).toBe('bad_certificate')
    expect(refusal([leaf, new Uint8Array(100 * 1024 - leaf.length)], [root]).alert).toBe('accepted')
    expect(refusal([leaf, new Uint8Array(100 * 1024 - leaf.length + 1)], [root]).alert).toBe(
      'bad_certificate',
    )
    expect(refusal([], [root]).alert).toBe('decode_error')
  })

  it('may have eight authorities between itself and the root, and not nine', () => {
    const between = (count: number): readonly Uint8Array[] => [
      server(count === 0 ? 'root' : 'step 0', count === 0 ? first : second),
      ...Array.from({ length: count }, (_, i) =>
        i === count - 1
          ? authority(`step ${i}`, 'root', second, first)
          : authority(`step ${i}`, `step ${i + 1}`, second, second),
      ),
    ]
    expect(refusal(between(8), [root]).alert).toBe('accepted')
    expect(refusal(between(9), [root]).alert).toBe('unknown_ca')
  })

  it('is refused where there are too many names for the constraints of its authority', () => {
    const names = Array.from({ length: 2_000 }, (_, i) => `${i}.${HOST}`)
    const tree = (i: number): string => {
      const name = Buffer.from(`${String(i).padStart(4, '0')}.example.org`).toString('hex')
      return `3012${'8210'}${name}`
    }
    const list = Array.from({ length: 1_000 }, (_, i) => tree(i)).join('')
    const length = (list.length / 2).toString(16).padStart(4, '0')
    const outer = (list.length / 2 + 4).toString(16).padStart(4, '0')
    const constraints = extension('551d1e', `3082${outer}a182${length}${list}`, true)
    const constrained = authority('many', 'root', second, first, 0, [constraints])
    const few = refusal([server('many', second), constrained], [root])
    expect(few.alert).toBe('accepted')
    const { alert, cpuMs } = refusal([server('many', second, [HOST, ...names]), constrained], [root])
    expect(alert).toBe('unsupported_certificate')
    expect(cpuMs).toBeLessThan(CPU_MS)
  })
})
