/** Throw-away certificates for TLS tests, made by the openssl program. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  readonly cert: string
  readonly key: string
  /** SHA-256 of the SubjectPublicKeyInfo, as openssl computes it. */
  readonly pin: Uint8Array
}

/** A self-signed certificate for `names`, such as `DNS:localhost` or `IP:127.0.0.1`. */
export function selfSigned(names: readonly string[], days = 2): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'aiv-cert-'))
  const at = (name: string): string => join(folder, name)
  try {
    const subject = [
      '-subj',
      '/CN=test',
      '-days',
      String(days),
      '-addext',
      `subjectAltName=${names.join(',')}`,
    ]
    const ecKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    openssl('req', '-x509', ...ecKey, ...subject, '-keyout', at('key'), '-out', at('cert'))
    openssl('pkey', '-in', at('key'), '-pubout', '-outform', 'DER', '-out', at('spki'))
    openssl('dgst', '-sha256', '-binary', '-out', at('pin'), at('spki'))
    return {
      cert: readFileSync(at('cert'), 'utf8'),
      key: readFileSync(at('key'), 'utf8'),
      pin: new Uint8Array(readFileSync(at('pin'))),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'ignore'] })
}
