/** Other programs that decide whether a server's certificates are good. */
import { spawnSync } from 'node:child_process'
import { type OpensslPki, pemOf } from './openssl-pki.ts'

export interface Question {
  /** DER, the server's own first. */
  readonly chain: readonly Uint8Array[]
  readonly roots: readonly Uint8Array[]
  readonly host: string
  /** Unix time in seconds. */
  readonly at: number
}

export interface Verdict {
  readonly isAccepted: boolean
  /** In its own words. */
  readonly says: string
}

/** RFC 5280 to the letter; every certificate of the roots is trusted, as here. */
export function opensslVerdict(pki: OpensslPki, question: Question): Verdict {
  const { chain, roots, host, at } = question
  const [leaf, ...others] = chain.map(pemOf)
  const isAddress = /^[\d.]+$|:/.test(host)
  const { status, stdout, stderr } = spawnSync(
    'openssl',
    [
      ...[
        'verify',
        '-x509_strict',
        '-purpose',
        'sslserver',
        '-auth_level',
        '2',
        '-attime',
        String(at),
        '-partial_chain',
      ],
      ...[isAddress ? '-verify_ip' : '-verify_hostname', host],
      ...['-no-CApath', '-no-CAstore', '-CAfile', pki.write('roots', roots.map(pemOf).join(''))],
      ...(others.length > 0 ? ['-untrusted', pki.write('others', others.join(''))] : []),
      pki.write('leaf', leaf ?? ''),
    ],
    { encoding: 'utf8', timeout: 20_000 },
  )
  if (status !== 0 && status !== 2) throw new Error(`openssl verify: ${status} ${stdout} ${stderr}`)
  return { isAccepted: status === 0, says: stdout + stderr }
}

/** It knows no other time than now. */
export function gnutlsVerdict(pki: OpensslPki, { chain, roots, host }: Question): Verdict {
  const { status, stdout, stderr } = spawnSync(
    'certtool',
    [
      ...['--verify', '--verify-hostname', host, '--verify-purpose', '1.3.6.1.5.5.7.3.1'],
      ...['--verify-profile', 'medium'],
      ...['--load-ca-certificate', pki.write('roots', roots.map(pemOf).join(''))],
      ...['--infile', pki.write('chain', chain.map(pemOf).join(''))],
    ],
    { encoding: 'utf8', timeout: 20_000 },
  )
  if (status !== 0 && status !== 1) throw new Error(`certtool: ${status} ${stdout} ${stderr}`)
  return { isAccepted: status === 0, says: stdout + stderr }
}
