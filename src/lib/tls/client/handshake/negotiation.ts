/**
 * Checks what a server chose against what was offered (RFC 8446 sections 4.1.3, 4.1.4, 4.2 and 4.3.1). Where the alert of Chrome is
 * another one than that of the document, it is Chrome's: whoever tries out what a client says to nonsense, on the way or
 * as a server, is not to find another client.
 */
import { equal, fromHex, isAivError, readU16, toHex } from '../../../core/index.ts'
import { ALERT, TlsError } from '../../alert.ts'
import { type ListedConfig, parseEchConfigList } from '../../ech/ech-config.ts'
import { ByteReader } from '../../hello/byte-reader.ts'
import type { Extension } from '../../hello/client-hello.ts'
import { EXTENSION, keyShares } from '../../hello/extensions.ts'
import { PLAINTEXT_MOST } from '../../record/constants.ts'
import type { CipherSuite } from '../../schedule/cipher-suites.ts'
import type { Offer } from './offer.ts'
import type { NegotiatedHello } from './server-messages.ts'

const TLS13 = 0x0304
const LEGACY_VERSION = 0x0303
/** Smallest limit that may be asked for (RFC 8449 section 4). */
const RECORD_SIZE_LEAST = 64
/** At the end of the random of a server that could have spoken TLS 1.3 and did not (RFC 8446 section 4.1.3). */
const DOWNGRADE = [fromHex('444f574e47524401'), fromHex('444f574e47524400')]

const IN_SERVER_HELLO: readonly number[] = [
  EXTENSION.supportedVersions,
  EXTENSION.keyShare,
  EXTENSION.preSharedKey,
]
const IN_RETRY_REQUEST: readonly number[] = [
  EXTENSION.supportedVersions,
  EXTENSION.keyShare,
  EXTENSION.cookie,
  EXTENSION.encryptedClientHello,
]
/** Those that RFC 8446 section 4.2 puts into EncryptedExtensions, and what browsers have added. */
const IN_ENCRYPTED_EXTENSIONS: readonly number[] = [
  EXTENSION.serverName,
  EXTENSION.supportedGroups,
  EXTENSION.alpn,
  EXTENSION.recordSizeLimit,
  EXTENSION.encryptedClientHello,
  EXTENSION.applicationSettings,
  EXTENSION.applicationSettingsOld,
  EXTENSION.trustAnchors,
]

/** @throws TlsError */
export function requireTls13({ version, random, extensions }: NegotiatedHello, offer: Offer): void {
  const chosen = extensions.find(({ type }) => type === EXTENSION.supportedVersions)
  if (chosen === undefined) refuseOldVersion(version, random)
  if (version !== LEGACY_VERSION)
    throw new TlsError(ALERT.protocolVersion, 'the server chose another legacy version than that of TLS 1.2')
  if (chosen.body.length !== 2)
    throw new TlsError(ALERT.decodeError, 'the server chose a version in a wrong form')
  if (readU16(chosen.body, 0) !== TLS13 || !offer.hasVersion(TLS13))
    throw new TlsError(ALERT.protocolVersion, 'the server chose a version that was not offered')
}

/**
 * Of a server that {@link requireTls13} has passed.
 * @throws TlsError
 */
export function negotiatedSuite(hello: NegotiatedHello, offer: Offer): CipherSuite {
  const { sessionId, cipherSuite, compression, extensions } = hello
  if (!equal(sessionId, offer.hello.sessionId))
    throw new TlsError(ALERT.decodeError, 'the server chose another session id than ours')
  if (compression !== 0) throw new TlsError(ALERT.decodeError, 'the server chose a compression')
  const suite = offer.cipherSuite(cipherSuite)
  if (suite === undefined)
    throw illegal(`the cipher suite 0x${cipherSuite.toString(16)}, which was not offered`)
  requireKnown(
    extensions,
    hello.isRetryRequest ? IN_RETRY_REQUEST : IN_SERVER_HELLO,
    offer,
    hello.isRetryRequest,
  )
  return suite
}

function refuseOldVersion(version: number, random: Uint8Array): never {
  if (DOWNGRADE.some((mark) => equal(random.subarray(-mark.length), mark)))
    throw new TlsError(
      ALERT.illegalParameter,
      'somebody on the way made the server choose an old version of TLS',
    )
  throw new TlsError(
    ALERT.protocolVersion,
    `the server chose TLS ${versionText(version)}, and only 1.3 is spoken`,
    {
      hint: 'It may be told to accept TLS 1.3.',
    },
  )
}

function versionText(version: number): string {
  return version >= 0x0301 && version <= LEGACY_VERSION
    ? `1.${(version & 0xff) - 1}`
    : `0x${version.toString(16)}`
}

/** What a HelloRetryRequest asks for. */
export interface ParsedRetry {
  readonly group?: number
  readonly cookie?: Uint8Array
}

/** @throws TlsError */
export function parsedRetry({ extensions }: NegotiatedHello, offer: Offer): ParsedRetry {
  const share = extensions.find(({ type }) => type === EXTENSION.keyShare)?.body
  const cookie = extensions.find(({ type }) => type === EXTENSION.cookie)?.body
  if (share === undefined && cookie === undefined)
    throw illegal('a new hello, and nothing new to put into it')
  if (cookie !== undefined) requireCookie(cookie)
  if (share === undefined) return cookie === undefined ? {} : { cookie }
  if (share.length !== 2)
    throw new TlsError(ALERT.decodeError, 'the server asked for a group in a wrong form')
  const group = readU16(share, 0)
  const isShared = (keyShares(offer.hello) ?? []).some((each) => each.group === group)
  if (!offer.hasGroup(group) || isShared)
    throw illegal(`the group 0x${group.toString(16)}, wrongly asked for`)
  return { group, ...(cookie === undefined ? {} : { cookie }) }
}

function requireCookie(body: Uint8Array): void {
  const reader = new ByteReader(body)
  const isEmpty = reader.vector16().length === 0
  reader.end()
  if (isEmpty) throw new TlsError(ALERT.decodeError, 'the server sent an empty cookie')
}

export interface ServerShare {
  readonly group: number
  readonly share: Uint8Array
}

/** Undefined without one. */
export function serverShare({ extensions }: NegotiatedHello): ServerShare | undefined {
  const body = extensions.find(({ type }) => type === EXTENSION.keyShare)?.body
  if (body === undefined) return undefined
  const reader = new ByteReader(body)
  const share = { group: reader.u16(), share: reader.vector16() }
  reader.end()
  return share
}

/** The number of the session that the server goes on with; undefined for a full handshake. */
export function selectedIdentity({ extensions }: NegotiatedHello): number | undefined {
  const body = extensions.find(({ type }) => type === EXTENSION.preSharedKey)?.body
  if (body === undefined) return undefined
  const reader = new ByteReader(body)
  const selected = reader.u16()
  reader.end()
  return selected
}

export interface EncryptedNegotiation {
  /** Empty when the server chose none. */
  readonly alpn: string
  /** The type of the application settings that the server answered. */
  readonly settingsType?: number
  /** What the server takes in one record, bytes. */
  readonly contentMost: number
  /** Configurations of ECH in place of one that the server does not know; to GREASE they say nothing. */
  readonly retryConfigs: readonly ListedConfig[]
}

/** @throws TlsError */
export function encryptedNegotiation(extensions: readonly Extension[], offer: Offer): EncryptedNegotiation {
  requireKnown(extensions, IN_ENCRYPTED_EXTENSIONS, offer, false)
  const bodyOf = (type: number): Uint8Array | undefined => extensions.find((each) => each.type === type)?.body
  if ((bodyOf(EXTENSION.serverName)?.length ?? 0) !== 0)
    throw new TlsError(ALERT.decodeError, 'the server answered our name of it with words')
  const alpnBody = bodyOf(EXTENSION.alpn)
  const alpn = alpnBody === undefined ? '' : chosenProtocol(alpnBody, offer)
  const settingsType = [EXTENSION.applicationSettings, EXTENSION.applicationSettingsOld].find(
    (type) => bodyOf(type) !== undefined,
  )
  if (settingsType !== undefined && alpn !== 'h2') throw illegal('application settings without HTTP/2')
  const contentMost = takenContent(bodyOf(EXTENSION.recordSizeLimit))
  const retryConfigs = offeredConfigs(bodyOf(EXTENSION.encryptedClientHello))
  return { alpn, contentMost, retryConfigs, ...(settingsType === undefined ? {} : { settingsType }) }
}

/** RFC 9849 sections 6.1.6 and 6.2: the list has to be right also where it is not used. */
function offeredConfigs(body: Uint8Array | undefined): readonly ListedConfig[] {
  if (body === undefined) return []
  try {
    return parseEchConfigList(body)
  } catch (cause) {
    if (!isAivError(cause)) throw cause
    throw new TlsError(
      ALERT.decodeError,
      `the server's ECH configurations cannot be read: ${cause.message}`,
      {
        cause,
      },
    )
  }
}

/** RFC 8449 section 4: the limit counts the type behind the content. */
function takenContent(body: Uint8Array | undefined): number {
  if (body === undefined) return PLAINTEXT_MOST
  const reader = new ByteReader(body)
  const limit = reader.u16()
  reader.end()
  if (limit < RECORD_SIZE_LEAST) throw illegal(`records of at most ${limit} bytes`)
  return Math.min(limit - 1, PLAINTEXT_MOST)
}

function chosenProtocol(body: Uint8Array, offer: Offer): string {
  const reader = new ByteReader(body)
  const list = new ByteReader(reader.vector16())
  reader.end()
  const name = list.vector8()
  list.end()
  if (!offer.hasProtocol(name)) throw illegal(`the protocol ${toHex(name)}, which was not offered`)
  return Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString('latin1')
}

/** An answer to what nobody asked, or in the wrong place. */
function requireKnown(
  extensions: readonly Extension[],
  known: readonly number[],
  offer: Offer,
  mayBringCookie: boolean,
): void {
  for (const { type } of extensions) {
    const isOffered = offer.hasExtension(type) || (mayBringCookie && type === EXTENSION.cookie)
    if (!isOffered)
      throw new TlsError(
        ALERT.unsupportedExtension,
        `the server answered an extension 0x${type.toString(16)} of nobody`,
      )
    if (!known.includes(type))
      throw new TlsError(
        ALERT.unsupportedExtension,
        `the server sent the extension 0x${type.toString(16)} in the wrong message`,
      )
  }
}

function illegal(what: string): TlsError {
  return new TlsError(ALERT.illegalParameter, `the server chose ${what}`)
}
