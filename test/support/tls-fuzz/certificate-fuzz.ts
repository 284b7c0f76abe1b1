/** Hostile certificates against what verifies the chain of a server; OpenSSL judges each one that is accepted. */
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { AivError, concat, fromHex, ManualClock, SeededRandom, utf8 } from '../../../src/lib/core/index.ts'
import { sequence, tlv } from '../../../src/lib/tls/certificate/der.ts'
import { parseRoots } from '../../../src/lib/tls/certificate/roots/load-roots.ts'
import { rootsOf } from '../../../src/lib/tls/certificate/roots/trust-roots.ts'
import { CertificateError } from '../../../src/lib/tls/certificate/verify/certificate-error.ts'
import {
  type VerifiedLeaf,
  verifyServerChain,
} from '../../../src/lib/tls/certificate/verify/verify-server-chain.ts'
import {
  commonName,
  DER_EXTENSIONS,
  type DerOrder,
  derCertificate,
  extension,
} from '../certificates/der-certificate.ts'
import { pemOf } from '../certificates/openssl-pki.ts'
import { pickOne } from '../session-mutation.ts'
import { codeOf, corrupt, fail } from './corruption.ts'

const NOW = Date.UTC(2031, 0, 1)
const DAY_MS = 86_400_000
const HOSTS = ['www.example.com', 'example.com', 'a.b.example.com', '192.0.2.1'] as const
/** Ed25519, whose keys and signatures a seed repeats. */
const [ROOT_KEY, MIDDLE_KEY, LEAF_KEY] = [1, 2, 3].map(fixedKey) as [KeyObject, KeyObject, KeyObject]
/** Most often now; the certificates last a day each way. */
const DAYS = [0, 0, 0, 0, 0, 0, 0.9, -0.9, 1.1, -1.1]
const CRITICAL_CHANCE = 0.5

const NAMES = [
  'www.example.com',
  '*.example.com',
  'example.com',
  '*',
  '*.com',
  'x.org',
  '',
  'a..b',
  'WWW.example.COM',
]

const hex = (text: string) => (): Uint8Array => fromHex(text)

/** Identifier, and what may stand in it. */
const EXTENSIONS: readonly (readonly [id: string, value: (random: SeededRandom) => Uint8Array])[] = [
  ['551d13', hex('30030101ff')],
  ['551d13', hex('30060101ff020100')],
  ['551d13', hex('3000')],
  ['551d0f', hex('03020780')],
  ['551d0f', hex('03020106')],
  ['551d25', hex('300a06082b06010505070301')],
  ['551d25', hex('30060604551d2500')],
  ['551d11', altNames],
  ['551d11', altNames],
  ['551d1e', nameConstraints],
  ['551d23', hex('30068004010203ff')],
  ['551d0e', hex('0404010203ff')],
  ['551d20', hex('3005300306012a')],
  ['2a0304', (random) => random.bytes(random.below(20))],
]

function fixedKey(seed: number): KeyObject {
  const der = concat(fromHex('302e020100300506032b657004220420'), new Uint8Array(32).fill(seed))
  return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
}

function made(
  subject: string,
  issuer: string,
  own: KeyObject,
  by: KeyObject,
  more: Partial<DerOrder>,
): Uint8Array {
  return derCertificate({
    subject,
    issuer,
    publicKey: createPublicKey(own),
    issuerKey: by,
    algorithm: '06032b6570',
    from: NOW - DAY_MS,
    to: NOW + DAY_MS,
    ...more,
  })
}

const ROOT = made('root', 'root', ROOT_KEY, ROOT_KEY, { extensions: [DER_EXTENSIONS.authority] })
const MIDDLE = made('middle', 'root', MIDDLE_KEY, ROOT_KEY, { extensions: [DER_EXTENSIONS.authority] })
const LEAF = made('leaf', 'middle', LEAF_KEY, MIDDLE_KEY, { extensions: [DER_EXTENSIONS.names(...HOSTS)] })

export function fuzzCertificates(seed: number): void {
  const random = new SeededRandom(seed)
  if (random.chance(0.05)) fuzzPem(random)
  else fuzzChain(random)
}

function fuzzChain(random: SeededRandom): void {
  const chain = [random.chance(0.6) ? leaf(random) : LEAF, random.chance(0.5) ? middle(random) : MIDDLE]
  if (random.chance(0.1)) chain.push(pickOne(random, [LEAF, MIDDLE, ROOT]))
  if (random.chance(0.25)) {
    const at = random.below(chain.length)
    chain[at] = corrupt(random, chain[at] as Uint8Array)
  }
  const serverName = pickOne(random, HOSTS)
  const clock = new ManualClock(NOW + pickOne(random, DAYS) * DAY_MS)
  const input = concat(...chain)
  let verified: VerifiedLeaf
  try {
    verified = verifyServerChain({ chain, serverName, clock, roots: rootsOf([ROOT]) })
  } catch (error) {
    if (!(error instanceof CertificateError)) fail(`not a typed outcome (${String(error)})`, input)
    return
  }
  expectGood(verified, serverName, clock.wallMs(), input)
}

function leaf(random: SeededRandom): Uint8Array {
  const usual = random.chance(0.5) ? [DER_EXTENSIONS.names('www.example.com')] : []
  return made('leaf', 'middle', LEAF_KEY, MIDDLE_KEY, {
    extensions: [...usual, ...someExtensions(random)],
    ...dates(random),
  })
}

function middle(random: SeededRandom): Uint8Array {
  const usual = random.chance(0.8) ? [DER_EXTENSIONS.authority] : []
  return made('middle', 'root', MIDDLE_KEY, ROOT_KEY, {
    extensions: [...usual, ...someExtensions(random)],
    ...dates(random),
  })
}

function dates(random: SeededRandom): Partial<DerOrder> {
  return random.chance(0.9) ? {} : { from: NOW + (random.below(3) - 1) * DAY_MS }
}

function someExtensions(random: SeededRandom): readonly Uint8Array[] {
  return Array.from({ length: 1 + random.below(4) }, () => {
    const [id, value] = pickOne(random, EXTENSIONS)
    const bytes = value(random)
    return extension(id, random.chance(0.2) ? corrupt(random, bytes) : bytes, random.chance(CRITICAL_CHANCE))
  })
}

function altNames(random: SeededRandom): Uint8Array {
  return sequence(...Array.from({ length: random.below(4) }, () => generalName(random, 4)))
}

function nameConstraints(random: SeededRandom): Uint8Array {
  const trees = (tag: number): Uint8Array =>
    tlv(tag, ...Array.from({ length: 1 + random.below(2) }, () => sequence(generalName(random, 8))))
  const [permitted, excluded] = [random.chance(0.6) ? trees(0xa0) : [], random.chance(0.4) ? trees(0xa1) : []]
  return sequence(Uint8Array.from(permitted), Uint8Array.from(excluded))
}

function generalName(random: SeededRandom, addressBytes: number): Uint8Array {
  switch (random.below(8)) {
    case 0:
      return tlv(
        0x87,
        random.chance(0.5)
          ? fromHex('c0000201ffffff00').subarray(0, addressBytes)
          : random.bytes(addressBytes),
      )
    case 1:
      return tlv(0xa4, commonName(random.chance(0.5) ? 'leaf' : 'other'))
    case 2:
      return tlv(pickOne(random, [0x81, 0x86, 0x88, 0xa0]), random.bytes(random.below(9)))
    default:
      return tlv(0x82, utf8(pickOne(random, NAMES)))
  }
}

/** What was accepted OpenSSL can read too, and finds signed, named and in time. */
function expectGood({ path }: VerifiedLeaf, serverName: string, nowMs: number, input: Uint8Array): void {
  const certificates = path.map((der) => new X509Certificate(der))
  certificates.forEach((certificate, i) => {
    const issuer = certificates[i + 1]
    if (
      issuer !== undefined &&
      !(issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey))
    )
      fail('an authority that did not sign was believed', input)
    if (nowMs < certificate.validFromDate.getTime() || nowMs > certificate.validToDate.getTime() + 999)
      fail('a certificate was accepted out of its time', input)
  })
  const [first] = certificates
  const isNamed =
    (isIP(serverName) === 0
      ? first?.checkHost(serverName, { subject: 'never' })
      : first?.checkIP(serverName)) !== undefined
  if (!isNamed) fail(`a certificate was accepted that is not for ${serverName}`, input)
}

function fuzzPem(random: SeededRandom): void {
  const text = Buffer.from(corrupt(random, utf8(pemOf(LEAF) + pemOf(ROOT)))).toString('latin1')
  try {
    parseRoots(text)
  } catch (error) {
    if (!(error instanceof AivError)) throw error
    codeOf(error, ['E_INPUT', 'E_TOO_LARGE'], utf8(text))
  }
}
