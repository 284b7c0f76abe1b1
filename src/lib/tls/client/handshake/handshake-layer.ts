/** What a handshake needs of the records below it. */
import type { CipherSuite } from '../../schedule/cipher-suites.ts'

export interface HandshakeLayer {
  /** Whole records, before there are keys. */
  sendRecords(bytes: Uint8Array): void
  /** A handshake message, under the present key. */
  sendMessage(message: Uint8Array): void
  /**
   * TLS 1.3 is agreed on. A change of cipher spec, which nothing depends on (RFC 8446 appendix D.4), goes before whatever is
   * sent next, an alert as well: so does Chrome.
   */
  agreeVersion(): void
  /** @throws TlsError when something stands behind the last message: it would have come under two keys */
  requireBoundary(): void
  /** @throws TlsError as {@link requireBoundary} */
  readWith(suite: CipherSuite, secret: Uint8Array): void
  writeWith(suite: CipherSuite, secret: Uint8Array): void
}
