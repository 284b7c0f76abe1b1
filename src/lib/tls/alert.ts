/** Alerts (RFC 8446 section 6), and the error that ends a connection with one. */
import { AivError, type AivErrorOptions, type ErrorCode } from '../core/index.ts'

export const ALERT = {
  closeNotify: 0,
  unexpectedMessage: 10,
  badRecordMac: 20,
  recordOverflow: 22,
  handshakeFailure: 40,
  badCertificate: 42,
  certificateUnknown: 46,
  illegalParameter: 47,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
  internalError: 80,
  userCanceled: 90,
  missingExtension: 109,
  unsupportedExtension: 110,
  certificateRequired: 116,
  echRequired: 121,
} as const

/** Names of all registered ones, for people. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'close_notify'],
  [10, 'unexpected_message'],
  [20, 'bad_record_mac'],
  [22, 'record_overflow'],
  [40, 'handshake_failure'],
  [42, 'bad_certificate'],
  [43, 'unsupported_certificate'],
  [44, 'certificate_revoked'],
  [45, 'certificate_expired'],
  [46, 'certificate_unknown'],
  [47, 'illegal_parameter'],
  [48, 'unknown_ca'],
  [49, 'access_denied'],
  [50, 'decode_error'],
  [51, 'decrypt_error'],
  [70, 'protocol_version'],
  [71, 'insufficient_security'],
  [80, 'internal_error'],
  [86, 'inappropriate_fallback'],
  [90, 'user_canceled'],
  [109, 'missing_extension'],
  [110, 'unsupported_extension'],
  [112, 'unrecognized_name'],
  [113, 'bad_certificate_status_response'],
  [115, 'unknown_psk_identity'],
  [116, 'certificate_required'],
  [120, 'no_application_protocol'],
  [121, 'ech_required'],
])

export function alertName(description: number): string {
  return NAMES.get(description) ?? `alert ${description}`
}

/** What went wrong, and the alert that says so to the other side. */
export class TlsError extends AivError {
  /** What stands in the alert record. */
  readonly alertNumber: number

  constructor(
    alertNumber: number,
    message: string,
    options: AivErrorOptions & { readonly code?: ErrorCode } = {},
  ) {
    super(options.code ?? 'E_HANDSHAKE', message, options)
    this.alertNumber = alertNumber
  }
}
