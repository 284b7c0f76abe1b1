import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { rootsOf } from '../../../src/lib/tls/certificate/roots/trust-roots.ts'
import { CertificateError } from '../../../src/lib/tls/certificate/verify/certificate-error.ts'
import { verifyServerChain } from '../../../src/lib/tls/certificate/verify/verify-server-chain.ts'
import type { ChainCase } from '../../support/certificates/cases.ts'
import { EXTENSION_CASES } from '../../support/certificates/extension-cases.ts'
import {
  gnutlsVerdict,
  opensslVerdict,
  type Question,
  type Verdict,
} from '../../support/certificates/judges.ts'
import { NAME_CASES } from '../../support/certificates/name-cases.ts'
import { OpensslPki } from '../../support/certificates/openssl-pki.ts'
import { PATH_CASES } from '../../support/certificates/path-cases.ts'
import { SIGNATURE_CASES } from '../../support/certificates/signature-cases.ts'
import { judge } from '../../support/judge.ts'

const DAY_SECONDS = 86_400
const openssl = judge('openssl')
const certtool = judge('certtool')

/** `accepted`, or the alert with which it is refused. */
function answer({ chain, roots, host, at }: Question): string {
  try {
    verifyServerChain({ chain, roots: rootsOf(roots), serverName: host, clock: new ManualClock(at * 1000) })
    return 'accepted'
  } catch (error) {
    if (error instanceof CertificateError) return error.alert
    throw error
  }
}

function expectVerdict({ isAccepted, says }: Verdict, expected: boolean, whyNot: string | undefined): void {
  expect(isAccepted, `${whyNot ?? 'the same answer'}; it says ${says}`).toBe(
    whyNot === undefined ? expected : !expected,
  )
}

describe.runIf(openssl !== undefined).each<[string, readonly ChainCase[]]>([
  ['what is sent and trusted', PATH_CASES],
  ['what certificates are for', EXTENSION_CASES],
  ['names', NAME_CASES],
  ['signatures', SIGNATURE_CASES],
])('a chain is judged as others do: %s', (_, cases) => {
  const pki = new OpensslPki()

  it.each(cases.map((one) => [one.answer, one.name, one] as const))('%s: %s', (_answer, _name, one) => {
    const { chain, roots, host = 'www.example.com' } = one.make(pki)
    const { afterDays = 0 } = one
    const question: Question = {
      chain: chain.map(({ der }) => der),
      roots: roots.map(({ der }) => der),
      host,
      at: Math.floor(Date.now() / 1000 + afterDays * DAY_SECONDS),
    }
    const isAccepted = one.answer === 'accepted'
    expect(answer(question)).toBe(one.answer)
    expectVerdict(opensslVerdict(pki, question), isAccepted, one.openssl)
    if (certtool !== undefined && afterDays === 0)
      expectVerdict(gnutlsVerdict(pki, question), isAccepted, one.gnutls)
  })
})
