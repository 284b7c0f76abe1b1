import { once } from 'node:events'
import { checkServerIdentity, connect, createServer } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { EXTENSION_CASES } from '../../support/certificates/extension-cases.ts'
import { NAME_CASES } from '../../support/certificates/name-cases.ts'
import { type MadeCertificate, OpensslPki } from '../../support/certificates/openssl-pki.ts'
import { PATH_CASES } from '../../support/certificates/path-cases.ts'
import { SIGNATURE_CASES } from '../../support/certificates/signature-cases.ts'
import { judge } from '../../support/judge.ts'

/** Where `openssl verify -x509_strict` differs from the cases, and a client does not. */
const AS_THE_CASES_SAY = ['an authority whose key may do anything', 'a curve that TLS does not use']

interface Served {
  readonly chain: readonly MadeCertificate[]
  readonly roots: readonly MadeCertificate[]
  readonly host: string
}

/** The error with which a client of Node refuses the server; undefined when it does not. */
async function nodeRefusal({ chain, roots, host }: Served): Promise<string | undefined> {
  const [leaf] = chain as readonly [MadeCertificate]
  const server = createServer({
    cert: chain.map(({ pem }) => pem).join(''),
    key: leaf.key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    // The client shall refuse weak keys, not the server.
    ciphers: 'DEFAULT:@SECLEVEL=0',
  })
  server.on('tlsClientError', () => {})
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const socket = connect({
    port,
    host: '127.0.0.1',
    ca: roots.map(({ pem }) => pem),
    minVersion: 'TLSv1.3',
    allowPartialTrustChain: true,
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
  })
  onTestFinished(() => void socket.destroy())
  return new Promise((resolve) => {
    socket.once('secureConnect', () => resolve(undefined))
    socket.once('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message))
  })
}

/** Node knows no other time than now. */
const cases = [...PATH_CASES, ...EXTENSION_CASES, ...NAME_CASES, ...SIGNATURE_CASES].filter(
  ({ afterDays }) => afterDays === undefined,
)

describe.runIf(judge('openssl') !== undefined)('a client of Node answers as the cases say', () => {
  const pki = new OpensslPki()

  it.each(cases.map((one) => [one.answer, one.name, one] as const))('%s: %s', async (answer, name, one) => {
    const { chain, roots, host = 'www.example.com' } = one.make(pki)
    const why = AS_THE_CASES_SAY.includes(name) ? undefined : one.openssl
    const refusal = await nodeRefusal({ chain, roots, host })
    expect(refusal === undefined, `${why ?? 'the same'}; it says ${refusal}`).toBe(
      (answer === 'accepted') === (why === undefined),
    )
  })
})
