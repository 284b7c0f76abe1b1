/** Writes the ClientHello that a browser would, from a template. */
import {
  AivError,
  compare,
  concat,
  EMPTY,
  type RandomSource,
  uniformInt,
  writeU16,
  writeU24,
} from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { CLIENT_HELLO, HANDSHAKE_HEADER_BYTES } from '../../handshake-header.ts'
import { vector8, vector16 } from '../../hello/byte-writer.ts'
import {
  type ClientHello,
  type Extension,
  encodeClientHello,
  parseClientHello,
} from '../../hello/client-hello.ts'

import { RECORD_HEADER_BYTES, RECORD_VERSION } from '../../record/constants.ts'
import { type ExtensionTemplate, type HelloTemplate, isMoved } from '../template/template.ts'
import { extensionBody } from './extension-bodies.ts'
import { drawGreaseValues, type GreaseValues, withGrease } from './grease-values.ts'
import { drawOneShare, type KeyMaker, type KeyShareKeys, keyMaker } from './key-shares.ts'
import { bind, type ResumptionOffer, unboundExtension } from './resumption-offer.ts'
import { retryHello } from './retry-hello.ts'

/** Of TLS 1.2, since 1.3 says its version elsewhere (RFC 8446 section 4.1.2). */
const LEGACY_VERSION = 0x0303
/** What one record holds (RFC 8446 section 5.1). */
const RECORD_MOST = 2 ** 14
const HANDSHAKE_RECORD = 22
const RANDOM_BYTES = 32
/** Compatibility mode: a browser always has one (RFC 8446 appendix D.4). */
const SESSION_ID_BYTES = 32
const NO_COMPRESSION = Uint8Array.of(0)
const EXTENSION_HEADER_BYTES = 4
/** Shorter hellos are not padded (RFC 7685 section 4). */
const PADDED_FROM = 256

export interface HelloRequest {
  /** A name, or an IP address, which is not sent. */
  readonly host: string
  /** In their order; those of a page when absent, no extension when empty. */
  readonly alpn?: readonly string[]
  /** Of an earlier session with this server. */
  readonly resumption?: ResumptionOffer
}

/** What a server asks for in a HelloRetryRequest. */
export interface RetryRequest {
  readonly group?: number
  /** The body of cookie. */
  readonly cookie?: Uint8Array
  /** What is offered still, bound to both hellos. */
  readonly resumption?: ResumptionOffer
}

export interface BuiltHello {
  readonly hello: ClientHello
  /** With its 4-byte header: what the transcript begins with. */
  readonly message: Uint8Array
  /** The first record of a connection. To be written at once: pieces would be a sign of their own. */
  readonly record: Uint8Array
  /** The private keys of its shares, by group. */
  readonly keys: ReadonlyMap<number, KeyShareKeys>
}

/** One running browser: what it draws at its start stays the same in all its hellos. */
export class HelloBuilder {
  readonly #template: HelloTemplate
  readonly #random: RandomSource
  readonly #make: KeyMaker
  readonly #anchors: Uint8Array

  /**
   * @param random makes hellos repeatable, and their keys known to everybody who knows it; the system's when absent
   * @throws AivError `E_UNSUPPORTED` for a template of hellos in QUIC, `E_TOO_LARGE` for more trust anchors than fit
   */
  constructor(template: HelloTemplate, random?: RandomSource) {
    if (template.transport !== 'tcp')
      throw new AivError(
        'E_UNSUPPORTED',
        `${template.id} is of hellos in QUIC, which are read but not written`,
      )
    this.#template = template
    this.#random = random ?? systemRandom
    this.#make = keyMaker(random)
    this.#anchors = anchorsOf(template, this.#random)
  }

  /**
   * @throws AivError `E_USAGE` for a host or protocol that cannot be sent, `E_UNSUPPORTED` for a template with a group
   *   that no keys can be made for, `E_TOO_LARGE` when it does not fit into one record
   */
  build({ host, alpn = pageProtocols(this.#template), resumption }: HelloRequest): BuiltHello {
    const { cipherSuites, extensions } = this.#template
    const grease = drawGreaseValues(this.#random)
    let keys: ReadonlyMap<number, KeyShareKeys> = new Map()
    const source = {
      host,
      alpn,
      grease,
      anchors: this.#anchors,
      random: this.#random,
      make: this.#make,
      keep: (kept: typeof keys): void => {
        keys = kept
      },
    }
    const written = this.#inOrder(extensions).flatMap((extension): Extension[] => {
      const body = extensionBody(extension.content, source)
      return body === undefined ? [] : [{ type: typeNumber(extension, grease), body }]
    })
    const unpadded: ClientHello = {
      version: LEGACY_VERSION,
      random: this.#random.bytes(RANDOM_BYTES),
      sessionId: this.#random.bytes(SESSION_ID_BYTES),
      cipherSuites: withGrease(cipherSuites, grease.cipher),
      compressionMethods: NO_COMPRESSION,
      extensions: written,
    }
    return this.#finish(unpadded, keys, RECORD_VERSION.first, resumption)
  }

  /**
   * The hello after a HelloRetryRequest.
   * @throws AivError `E_UNSUPPORTED` for a group that no keys can be made for
   */
  retry(first: BuiltHello, { group, cookie, resumption }: RetryRequest): BuiltHello {
    const shares = group === undefined ? undefined : drawOneShare(group, this.#make)
    const wish = {
      ...(shares === undefined ? {} : { keyShare: shares.body }),
      ...(cookie === undefined ? {} : { cookie }),
    }
    const unpadded = retryHello(first.hello, wish, this.#random)
    return this.#finish(unpadded, shares?.keys ?? first.keys, RECORD_VERSION.agreed, resumption)
  }

  #finish(
    unpadded: ClientHello,
    keys: BuiltHello['keys'],
    recordVersion: number,
    resumption: ResumptionOffer | undefined,
  ): BuiltHello {
    const { extensions = [] } = unpadded
    const last = resumption === undefined ? [] : [unboundExtension(resumption)]
    // The padding stands before pre_shared_key and counts it.
    const whole = { ...unpadded, extensions: [...extensions, ...last] }
    const padding = paddingOf(whole, this.#template.extensions)
    const message = helloMessage({ ...unpadded, extensions: [...extensions, ...padding, ...last] })
    if (resumption !== undefined) bind(message, resumption)
    const hello = parseClientHello(message.subarray(HANDSHAKE_HEADER_BYTES))
    return { hello, message, record: recordOf(message, recordVersion), keys }
  }

  /**
   * What stands between the extensions of GREASE is shuffled. BoringSSL shuffles its whole table, absent extensions
   * too; the order of those that are there is as uniform.
   */
  #inOrder(extensions: readonly ExtensionTemplate[]): readonly ExtensionTemplate[] {
    if (this.#template.extensionOrder === 'fixed') return extensions
    const moving = shuffled(extensions.filter(isMoved), this.#random)
    let next = 0
    return extensions.map((each) => (isMoved(each) ? (moving[next++] as ExtensionTemplate) : each))
  }
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: RandomSource): T[] {
  const order = [...items]
  for (let i = order.length - 1; i > 0; i--) {
    const j = uniformInt(random, 0, i)
    ;[order[i], order[j]] = [order[j] as T, order[i] as T]
  }
  return order
}

/** The extension of GREASE that is empty comes first, the other one last. */
function typeNumber({ type, content }: ExtensionTemplate, grease: GreaseValues): number {
  if (type !== 'GREASE') return type
  const isFirst = content.kind === 'fixed' && content.body.length === 0
  return grease[isFirst ? 'first-extension' : 'last-extension']
}

function pageProtocols({ extensions }: HelloTemplate): readonly string[] {
  for (const { content } of extensions) if (content.kind === 'alpn') return content.protocols
  return []
}

function anchorsOf({ extensions }: HelloTemplate, random: RandomSource): Uint8Array {
  for (const { content } of extensions) {
    if (content.kind !== 'trust_anchors') continue
    const ids = content.order === 'sorted' ? content.ids.toSorted(compare) : shuffled(content.ids, random)
    return vector16(concat(...ids.map(vector8)))
  }
  return EMPTY
}

/** Nothing, or an extension that makes the hello as long as the template says. */
function paddingOf(unpadded: ClientHello, extensions: readonly ExtensionTemplate[]): readonly Extension[] {
  for (const { type, content } of extensions) {
    if (content.kind !== 'padding' || type === 'GREASE') continue
    const length = HANDSHAKE_HEADER_BYTES + encodeClientHello(unpadded).length
    if (length < PADDED_FROM || length >= content.to) return []
    // Where its own header leaves nothing, one byte stands there all the same.
    const body = Math.max(content.to - length - EXTENSION_HEADER_BYTES, 1)
    return [{ type, body: new Uint8Array(body) }]
  }
  return []
}

/**
 * A hello as a record: the first one of a connection, or the one after a HelloRetryRequest.
 * @throws AivError `E_TOO_LARGE`
 */
export function helloRecord(hello: ClientHello, place: 'first' | 'second' = 'first'): Uint8Array {
  return recordOf(helloMessage(hello), place === 'first' ? RECORD_VERSION.first : RECORD_VERSION.agreed)
}

/** With its 4-byte header. */
export function helloMessage(hello: ClientHello): Uint8Array {
  const body = encodeClientHello(hello)
  const header = new Uint8Array(HANDSHAKE_HEADER_BYTES)
  header[0] = CLIENT_HELLO
  writeU24(header, 1, body.length)
  return concat(header, body)
}

function recordOf(message: Uint8Array, version: number): Uint8Array {
  if (message.length > RECORD_MOST)
    throw new AivError(
      'E_TOO_LARGE',
      `a hello of ${message.length} bytes, where a record holds ${RECORD_MOST}`,
    )
  const header = new Uint8Array(RECORD_HEADER_BYTES)
  header[0] = HANDSHAKE_RECORD
  writeU16(header, 1, version)
  writeU16(header, 3, message.length)
  return concat(header, message)
}
