/** Certificates that the openssl program makes, in a folder that is gone after the tests of a file. */
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

export interface MadeCertificate {
  readonly file: string
  readonly pem: string
  readonly der: Uint8Array
  readonly key: MadeKey
}

export interface MadeKey {
  readonly privateFile: string
  readonly publicFile: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export interface CertificateOrder {
  /** As `openssl -subj` takes it; default `/CN=` and a name of the role. */
  readonly subject?: string
  /** Default: it signs itself. */
  readonly issuer?: MadeCertificate
  /** Default: a key of P-256 for each subject and issuer. */
  readonly key?: MadeKey
  /** Lines of an extension file. */
  readonly extensions?: readonly string[]
  readonly days?: number
  readonly hash?: string
  /** More of the command line, such as `-sigopt`. */
  readonly options?: readonly string[]
}

/** What authorities have by default, and servers; a line for the same extension takes its place. */
const AUTHORITY = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']
const SERVER = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature',
  'extendedKeyUsage=serverAuth',
  'subjectAltName=DNS:www.example.com',
]

export class OpensslPki {
  readonly folder = mkdtempSync(join(tmpdir(), 'aiv-pki-'))
  #count = 0

  constructor() {
    afterAll(() => rmSync(this.folder, { recursive: true, force: true }))
  }

  authority(name: string, order: CertificateOrder = {}): MadeCertificate {
    return this.#make({ subject: `/CN=${name}`, ...order }, AUTHORITY)
  }

  server(order: CertificateOrder = {}): MadeCertificate {
    return this.#make({ subject: '/CN=a server', ...order }, SERVER)
  }

  key(make: () => { publicKey: KeyObject; privateKey: KeyObject }): MadeKey {
    const { publicKey, privateKey } = make()
    return {
      privateKey,
      publicKey,
      privateFile: this.write('key', privateKey.export({ type: 'pkcs8', format: 'pem' })),
      publicFile: this.write('pub', publicKey.export({ type: 'spki', format: 'pem' })),
    }
  }

  ecKey(namedCurve = 'P-256'): MadeKey {
    return this.key(() => generateKeyPairSync('ec', { namedCurve }))
  }

  write(kind: string, content: string | Buffer): string {
    const file = join(this.folder, `${this.#count++}.${kind}`)
    writeFileSync(file, content)
    return file
  }

  #make(order: CertificateOrder, defaults: readonly string[]): MadeCertificate {
    const { subject = '', issuer, key = this.ecKey(), extensions = [], days = 30 } = order
    const file = this.write('crt', '')
    const own = issuer === undefined
    execFileSync(
      'openssl',
      [
        ...['x509', '-new', '-subj', subject, '-days', String(days), '-out', file],
        ...['-set_serial', String(1000 + this.#count), `-${order.hash ?? 'sha256'}`],
        ...['-extfile', this.write('ext', extensionFile(extensions, defaults, own))],
        ...(own
          ? ['-key', key.privateFile]
          : ['-force_pubkey', key.publicFile, '-CA', issuer.file, '-CAkey', issuer.key.privateFile]),
        ...(order.options ?? []),
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const pem = readFileSync(file, 'utf8')
    return { file, pem, der: derOf(pem), key }
  }
}

export function derOf(pem: string): Uint8Array {
  return new Uint8Array(Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'))
}

export function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** Key identifiers are what `-x509_strict` demands. A line without a value removes the extension. */
function extensionFile(lines: readonly string[], defaults: readonly string[], isSelfSigned: boolean): string {
  const nameOf = (line: string): string => line.replace(/=.*/s, '')
  const replaced = new Set(lines.map(nameOf))
  const identifiers = ['subjectKeyIdentifier=hash', ...(isSelfSigned ? [] : ['authorityKeyIdentifier=keyid'])]
  const kept = [...identifiers, ...defaults].filter((line) => !replaced.has(nameOf(line)))
  const given = lines.filter((line) => !line.endsWith('='))
  // Lines that begin a section stand behind all others.
  const isSection = (line: string): boolean => line.startsWith('[')
  return [...kept, ...given.filter((line) => !isSection(line)), ...given.filter(isSection)].join('\n')
}
