/** A certificate that is not accepted, and the alert that goes to the server (RFC 8446 section 6.2). */
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

/**
 * Chrome says `certificate_unknown` of every certificate that it can read and does not accept: whoever stands in between with one
 * of his own is not to learn what we look at. The user is told more.
 */
const UNSAID: readonly CertificateAlert[] = [
  'bad_certificate',
  'unsupported_certificate',
  'certificate_expired',
  'unknown_ca',
]

type CertificateAlert = keyof typeof ALERTS

export interface CertificateErrorOptions extends AivErrorOptions {
  /** Default `E_CERTIFICATE`. */
  readonly code?: ErrorCode
  /** It cannot be read at all. */
  readonly isMalformed?: boolean
}

export class CertificateError extends TlsError {
  /** Why: the alert that would say so. */
  readonly alert: CertificateAlert

  constructor(alert: CertificateAlert, message: string, options: CertificateErrorOptions = {}) {
    const sent = options.isMalformed === true ? 'decode_error' : alert
    super(ALERTS[UNSAID.includes(sent) ? 'certificate_unknown' : sent], message, {
      ...options,
      code: options.code ?? 'E_CERTIFICATE',
    })
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
        isMalformed: true,
      })
    throw new CertificateError('unsupported_certificate', `${whose} is not taken: ${error.message}`, {
      // What another Node.js would take is no verdict on the server.
      code: error.code === 'E_UNSUPPORTED' ? 'E_UNSUPPORTED' : 'E_CERTIFICATE',
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    })
  }
}
