/** The TLS of `wss`, client side. It hides that HTX is spoken; who the peer is, the Noise handshake inside proves. */
import { isIP, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { AivError, equal } from '../../core/index.ts'
import { sha256 } from '../../crypto/index.ts'
import { whenAborted } from '../attempt.ts'
import { socketError } from '../socket/socket-errors.ts'

export interface OuterTlsOptions {
  /** PEM certificates to trust instead of the system's roots. */
  readonly ca?: string | readonly string[]
  /**
   * SHA-256 of the SubjectPublicKeyInfo of acceptable server certificates, 32 bytes each. Without `ca`, a match is
   * enough and chain, name and dates are not checked (DANE-EE, RFC 7671 section 5.1); with `ca`, both must hold.
   */
  readonly pins?: readonly Uint8Array[]
  /** Accepts any certificate (pins still hold): whoever answers learns that HTX is spoken and can cut it. */
  readonly insecureOuter?: boolean
}

/**
 * Runs the TLS handshake on a connected socket.
 * @param host name for SNI and the certificate check
 * @throws the reason of `signal`, or AivError `E_CERTIFICATE`, `E_LINK`, `E_UNREACHABLE`
 */
export async function secureSocket(
  socket: Socket,
  host: string,
  options: OuterTlsOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { ca, pins = [], insecureOuter = false } = options
  const pinned = pins.length > 0
  const checksChain = !insecureOuter && (!pinned || ca !== undefined)
  const secure = connect({
    socket,
    host,
    // What browsers offer for a WebSocket's own connection.
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    rejectUnauthorized: checksChain,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
  })
  const forgetSignal = whenAborted(signal, () => secure.destroy())
  try {
    await new Promise<void>((resolve, reject) => {
      // Stays for good: a reset between two owners of the socket must not end the process.
      secure.on('error', reject)
      secure.once('close', () => reject(new AivError('E_LINK', `the TLS handshake with ${host} was cut`)))
      secure.once('secureConnect', resolve)
    })
    if (pinned && !matchesPin(secure, pins))
      throw new AivError('E_CERTIFICATE', `the certificate of ${host} has none of the pinned keys`, {
        hint: 'check the address and the pin; a man in the middle looks the same',
      })
    return secure
  } catch (error) {
    secure.destroy()
    if (signal.aborted) throw signal.reason
    throw handshakeError(secure, host, error)
  } finally {
    forgetSignal()
  }
}

function matchesPin(secure: TLSSocket, pins: readonly Uint8Array[]): boolean {
  const certificate = secure.getPeerX509Certificate()
  if (certificate === undefined) return false
  const key = sha256(new Uint8Array(certificate.publicKey.export({ type: 'spki', format: 'der' })))
  return pins.some((pin) => equal(pin, key))
}

function handshakeError(secure: TLSSocket, host: string, error: unknown): AivError {
  const { authorizationError } = secure
  if (authorizationError === null || authorizationError === undefined || error instanceof AivError)
    return socketError(`TLS with ${host} failed`, error)
  return new AivError(
    'E_CERTIFICATE',
    `the certificate of ${host} is not acceptable: ${authorizationError}`,
    {
      cause: error,
      hint: 'give the CA that signed it, or pin its key',
    },
  )
}
