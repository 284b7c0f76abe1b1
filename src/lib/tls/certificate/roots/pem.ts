/** Certificates as text (RFC 7468), with other text between them as in the bundles that systems have. */
import { AivError } from '../../../core/index.ts'

/** The bundles of systems have 200 to 300 KiB and up to 150 certificates. */
const PEM_CHARACTERS_MOST = 4 * 1_048_576
const CERTIFICATES_MOST = 2_000

const BOUNDARY = /^-----(BEGIN|END) ([A-Z0-9 ]+)-----[ \t]*$/
const LABEL = 'CERTIFICATE'
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * @returns the DER of each
 * @throws AivError `E_INPUT` for a text without certificates, with anything else in PEM, or that is broken;
 * `E_TOO_LARGE`
 */
export function pemCertificates(text: string): readonly Uint8Array[] {
  if (text.length > PEM_CHARACTERS_MOST)
    throw new AivError('E_TOO_LARGE', `a PEM text has more than ${PEM_CHARACTERS_MOST} characters`)
  const certificates: Uint8Array[] = []
  let body: string[] | undefined
  for (const line of text.split(/\r?\n/)) {
    const [, boundary, label] = BOUNDARY.exec(line) ?? []
    if (boundary === undefined) {
      body?.push(line.trim())
      continue
    }
    if (label !== LABEL)
      throw new AivError('E_INPUT', `the PEM text holds a ${label} where only certificates belong`)
    if ((boundary === 'BEGIN') !== (body === undefined))
      throw new AivError('E_INPUT', 'a certificate in the PEM text has no beginning or no end')
    if (body === undefined) body = []
    else {
      certificates.push(decode(body.join('')))
      body = undefined
    }
    if (certificates.length > CERTIFICATES_MOST)
      throw new AivError('E_TOO_LARGE', `a PEM text has more than ${CERTIFICATES_MOST} certificates`)
  }
  if (body !== undefined) throw new AivError('E_INPUT', 'a certificate in the PEM text has no end')
  if (certificates.length === 0) throw new AivError('E_INPUT', 'the PEM text holds no certificate')
  return certificates
}

function decode(base64: string): Uint8Array {
  if (base64 === '' || !BASE64.test(base64))
    throw new AivError('E_INPUT', 'a certificate in the PEM text is not in base64')
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
