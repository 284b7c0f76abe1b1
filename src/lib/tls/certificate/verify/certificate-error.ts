/** A certificate that is not accepted, with the alert that tells the server so (RFC 8446 section 6.2). */
import { type AivErrorOptions, type ErrorCode, isAivError } from '../../../core/index.ts'
import { TlsError } from '../../alert.ts'

const ALERTS = {
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  decode_error: 50,
  decrypt_error: 51,
} as const

type CertificateAlert = keyof typeof ALERTS

export interface CertificateErrorOptions extends AivErrorOptions {
  /** Default `E_CERTIFICATE`. */
  readonly code?: ErrorCode
}

export class CertificateError extends TlsError {
  readonly alert: CertificateAlert

  constructor(alert: CertificateAlert, message: string, options: CertificateErrorOptions = {}) {
    super(ALERTS[alert], message, { ...options, code: options.code ?? 'E_CERTIFICATE' })
    this.name = 'CertificateError'
    this.alert = alert
  }
}

/**
 * Does what reads a certificate, and says of which one a failure is.
 * @param whose as a sentence begins: "the server's certificate"
 * @throws CertificateError in place of other typed errors
 */
export function reading<T>(whose: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof CertificateError || !isAivError(error)) throw error
    if (error.code === 'E_MALFORMED')
      throw new CertificateError('bad_certificate', `${whose} cannot be read: ${error.message}`, {
        cause: error,
      })
    throw new CertificateError('unsupported_certificate', `${whose} is not taken: ${error.message}`, {
      // What another Node.js would take is no verdict on the server.
      code: error.code === 'E_UNSUPPORTED' ? 'E_UNSUPPORTED' : 'E_CERTIFICATE',
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    })
  }
}
