/** What a hello offered: a server may choose of that, and of nothing else. */

import type { ClientHello } from '../../hello/client-hello.ts'
import {
  alpnProtocols,
  EXTENSION,
  extensionBody,
  signatureAlgorithms,
  supportedGroups,
  supportedVersions,
} from '../../hello/extensions.ts'
import { isGrease, withoutGrease } from '../../hello/grease.ts'
import { CIPHER_SUITES, type CipherSuite } from '../../schedule/cipher-suites.ts'

const BROTLI = 2
/** Only in certificates, never in the handshake (RFC 8446 section 4.2.3): PKCS #1, and what uses SHA-1. */
const CERTIFICATE_ONLY: readonly number[] = [0x0401, 0x0501, 0x0601, 0x0201, 0x0203]

export class Offer {
  readonly hello: ClientHello

  constructor(hello: ClientHello) {
    this.hello = hello
  }

  cipherSuite(code: number): CipherSuite | undefined {
    return this.hello.cipherSuites.includes(code) ? CIPHER_SUITES.get(code) : undefined
  }

  hasExtension(type: number): boolean {
    return !isGrease(type) && extensionBody(this.hello, type) !== undefined
  }

  hasGroup(group: number): boolean {
    return !isGrease(group) && supportedGroups(this.hello).includes(group)
  }

  hasVersion(version: number): boolean {
    return withoutGrease(supportedVersions(this.hello) ?? []).includes(version)
  }

  /** For CertificateVerify. */
  hasScheme(scheme: number): boolean {
    return (
      !CERTIFICATE_ONLY.includes(scheme) &&
      !isGrease(scheme) &&
      signatureAlgorithms(this.hello).includes(scheme)
    )
  }

  hasProtocol(name: Uint8Array): boolean {
    return alpnProtocols(this.hello).some((each) => Buffer.compare(each, name) === 0)
  }

  get takesBrotli(): boolean {
    const body = extensionBody(this.hello, EXTENSION.compressCertificate)
    // One byte of length, then algorithms of two.
    return body?.some((byte, at) => at > 0 && at % 2 === 0 && byte === BROTLI && body[at - 1] === 0) === true
  }
}
