/** Extensions that are there only sometimes: what they hold when they are. */
import { AivError, isAivError } from '../../../core/index.ts'
import { ByteReader } from '../../hello/byte-reader.ts'
import type { ClientHello } from '../../hello/client-hello.ts'
import { EXTENSION, extensionBody } from '../../hello/extensions.ts'
import { rule, type Tell } from './tell.ts'

/** Of a binder: the digest of SHA-256 or SHA-384. */
const BINDER_BYTES: readonly number[] = [32, 48]

export function compareOccasional(hello: ClientHello): readonly Tell[] {
  const psk = extensionBody(hello, EXTENSION.preSharedKey)
  const earlyData = extensionBody(hello, EXTENSION.earlyData)
  const cookie = extensionBody(hello, EXTENSION.cookie)
  const isEarlyDataWell = earlyData === undefined || (earlyData.length === 0 && psk !== undefined)
  return [
    ...(psk === undefined || isWell(psk, readOfferedPsk)
      ? []
      : [rule('pre_shared_key', 'one session and its binder', 'something else')]),
    ...(isEarlyDataWell ? [] : [rule('early_data', 'nothing, and a session with it', 'something else')]),
    ...(cookie === undefined || isWell(cookie, readCookie)
      ? []
      : [rule('cookie', 'a cookie', 'something else')]),
  ]
}

/** Browsers offer one session (RFC 8446 section 4.2.11). */
function readOfferedPsk(reader: ByteReader): void {
  const identities = new ByteReader(reader.vector16())
  const isEmpty = identities.vector16().length === 0
  identities.take(4)
  identities.end()
  const binders = new ByteReader(reader.vector16())
  const { length } = binders.vector8()
  binders.end()
  if (isEmpty || !BINDER_BYTES.includes(length)) throw new AivError('E_MALFORMED', 'no session')
}

function readCookie(reader: ByteReader): void {
  if (reader.vector16().length === 0) throw new AivError('E_MALFORMED', 'an empty cookie')
}

function isWell(body: Uint8Array, read: (reader: ByteReader) => void): boolean {
  const reader = new ByteReader(body)
  try {
    read(reader)
    reader.end()
    return true
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED')) return false
    throw error
  }
}
