/** The head of an HTTP/1.1 response (RFC 9112 sections 4 and 5), read strictly. */
import { AivError, latin1 } from '../../../../core/index.ts'

/** Chrome reads more; no site that we go to sends as much. */
export const HEAD_MOST_BYTES = 32 * 1024
const FIELDS_MOST = 128

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/
const FIELD_LINE =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?[ \t]*$/

export interface ResponseHead {
  readonly status: number
  /** Of HTTP/1. */
  readonly minorVersion: number
  /** Names in lower case, with all their values in order. */
  readonly fields: ReadonlyMap<string, readonly string[]>
}

/** @throws AivError `E_HANDSHAKE` */
export function parseResponseHead(bytes: Uint8Array): ResponseHead {
  const [first = '', ...lines] = latin1(bytes).split('\r\n')
  const [, minor, status] = STATUS_LINE.exec(first) ?? []
  if (status === undefined) throw notHttp('its status line is in no form of HTTP/1')
  if (lines.length > FIELDS_MOST) throw notHttp(`it has more than ${FIELDS_MOST} header fields`)
  const fields = new Map<string, string[]>()
  for (const line of lines) {
    const [, name, value = ''] = FIELD_LINE.exec(line) ?? []
    if (name === undefined) throw notHttp('a header field is malformed')
    const lower = name.toLowerCase()
    const values = fields.get(lower)
    if (values === undefined) fields.set(lower, [value])
    else values.push(value)
  }
  return { status: Number(status), minorVersion: Number(minor), fields }
}

/** The members of the comma-separated lists in all fields of that name, in lower case. */
export function listedIn({ fields }: ResponseHead, name: string): readonly string[] {
  const values = fields.get(name) ?? []
  return values.flatMap((value) => value.split(',')).map((member) => member.trim().toLowerCase())
}

/** An answer that no web server gives. */
export function notHttp(why: string): AivError {
  return new AivError('E_HANDSHAKE', `the answer of the site cannot be read: ${why}`)
}
