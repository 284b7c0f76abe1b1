import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { parseRoots } from '../../../src/lib/tls/certificate/roots/load-roots.ts'
import { rootsOf } from '../../../src/lib/tls/certificate/roots/trust-roots.ts'
import { CertificateError } from '../../../src/lib/tls/certificate/verify/certificate-error.ts'
import { verifyServerChain } from '../../../src/lib/tls/certificate/verify/verify-server-chain.ts'
import { opensslVerdict, type Question } from '../../support/certificates/judges.ts'
import { derOf, OpensslPki } from '../../support/certificates/openssl-pki.ts'
import { conformancePath } from '../../support/conformance.ts'
import { judge } from '../../support/judge.ts'

/** Captures with the certificates of TLS 1.2 and before, which cross the wire in the clear. */
const CAPTURES = [
  'badcurveball.pcap',
  'browsers-x509.pcapng',
  'http2-with-cookies.pcapng',
  'https-connect.pcap',
  'socks-https-example.pcap',
  'tls-handshake.pcapng',
]
const folder = conformancePath('utls', 'ja4-foxio', 'pcap')
const programs = [judge('tshark'), judge('openssl')]
const pems = rootCertificates.map((pem) => `${pem}\n`)
const roots = pems.map(derOf)

/** What each server of the capture sent, under the name of the certificate and the one that was asked for. */
function questions(capture: string): readonly Question[] {
  const fields = [
    'tcp.stream',
    'frame.time_epoch',
    'tls.handshake.extensions_server_name',
    'tls.handshake.certificate',
  ]
  const lines = execFileSync(
    'tshark',
    [
      ...[
        '-r',
        `${folder}/${capture}`,
        '-Y',
        'tls.handshake.type == 1 or tls.handshake.type == 11',
        '-T',
        'fields',
      ],
      ...fields.flatMap((field) => ['-e', field]),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const asked = new Map<string, string>()
  return lines.split('\n').flatMap((line) => {
    const [stream = '', time = '', name = '', certificates = ''] = line.split('\t')
    if (name !== '') asked.set(stream, name)
    if (certificates === '') return []
    const chain = certificates
      .split(',')
      .map((hex) => new Uint8Array(Buffer.from(hex.replaceAll(':', ''), 'hex')))
    const own = /DNS:([^,]+)/
      .exec(new X509Certificate(chain[0] ?? '').subjectAltName ?? '')?.[1]
      ?.replace('*', 'www')
    return [own, asked.get(stream)]
      .filter((host) => host !== undefined)
      .map((host) => ({ chain, roots, host, at: Math.floor(Number(time)) }))
  })
}

describe.runIf(folder !== undefined && !programs.includes(undefined))('the chains of real servers', () => {
  const pki = new OpensslPki()
  const trusted = parseRoots(pems.join(''))

  const verdict = ({ chain, host, at }: Question): string => {
    try {
      verifyServerChain({ chain, roots: trusted, serverName: host, clock: new ManualClock(at * 1000) })
      return 'accepted'
    } catch (error) {
      if (error instanceof CertificateError) return error.message
      throw error
    }
  }

  it.each(CAPTURES)('in %s are judged as openssl judges them, at the time of the capture', (capture) => {
    const all = questions(capture)
    expect(all.length).toBeGreaterThan(0)
    for (const question of all) {
      const [own, other] = [verdict(question), opensslVerdict(pki, question)]
      expect(own === 'accepted', `${question.host}: ${own}; openssl ${other.says}`).toBe(other.isAccepted)
    }
  })

  it('are accepted in part, so that the comparison says something', () => {
    const verdicts = CAPTURES.flatMap(questions).map(verdict)
    expect(verdicts.filter((one) => one === 'accepted').length).toBeGreaterThan(3)
  })

  it('are not believed where a curve is described so that a stranger has the key of a root (CVE-2020-0601)', () => {
    const [question] = questions('badcurveball.pcap')
    if (question === undefined) throw new Error('the capture has no certificates')
    expect(verdict(question)).toMatch(/a public key of this kind, or on this curve, is not taken/)
    expect(() =>
      verifyServerChain({
        chain: question.chain,
        roots: rootsOf(question.chain.slice(1)),
        serverName: question.host,
        clock: new ManualClock(question.at * 1000),
      }),
    ).toThrow(/a public key of this kind, or on this curve, is not taken/)
  })
})
