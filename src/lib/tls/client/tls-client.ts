/**
 * A TLS 1.3 client (RFC 8446) without input and output: what the server sent goes in, what is to be sent comes out.
 * Handshake, records, key updates, tickets and alerts.
 */
import { AivError, concat, isAivError } from '../../core/index.ts'
import { erase } from '../../crypto/index.ts'
import { ALERT, alertName, TlsError } from '../alert.ts'
import { HANDSHAKE_HEADER_BYTES } from '../handshake-header.ts'
import { CONTENT, PLAINTEXT_MOST } from '../record/constants.ts'
import { type CutRecord, RecordCutter } from '../record/record-cutter.ts'
import { plainRecord, RecordOpener, RecordSealer } from '../record/record-protection.ts'
import type { CipherSuite } from '../schedule/cipher-suites.ts'
import { exportKeyingMaterial, nextTrafficSecret, resumptionPsk } from '../schedule/key-schedule.ts'
import { ClientHandshake, type ClientHandshakeOptions, type Established } from './client-handshake.ts'
import type { HandshakeLayer } from './handshake-layer.ts'
import { HandshakeMessages, handshakeMessage } from './handshake-message.ts'
import { CERTIFICATE_MOST } from './server-certificate.ts'
import { MESSAGE, parseKeyUpdate, parseNewSessionTicket } from './server-messages.ts'
import type { SessionTicket } from './session-resumption.ts'

/** Records without content that are borne in a row: more only cost time. */
const EMPTY_RECORDS_MOST = 32
/** Key updates of the server before application data: more only cost time. */
const KEY_UPDATES_MOST = 32
/** A ticket for longer is not kept that long (RFC 8446 section 4.6.1); seconds. */
const TICKET_LIFETIME_MOST = 604_800
const WARNING = 1
const FATAL = 2

export interface Negotiated {
  readonly cipherSuite: string
  readonly group: number
  readonly alpn: string
  readonly wasRetried: boolean
  readonly wasResumed: boolean
}

export type TlsEvent =
  | { readonly kind: 'established'; readonly negotiated: Negotiated }
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  | { readonly kind: 'ticket'; readonly ticket: SessionTicket }
  /** The server sends nothing more; it may still read. */
  | { readonly kind: 'end' }

export class TlsClient {
  readonly #handshake: ClientHandshake
  readonly #cutter = new RecordCutter()
  readonly #messages = new HandshakeMessages(CERTIFICATE_MOST)
  readonly #out: Uint8Array[] = []
  #established: Established | undefined
  #opener: RecordOpener | undefined
  #sealer: RecordSealer | undefined
  /** Traffic secrets, for the next ones. */
  #reading: Uint8Array | undefined
  #writing: Uint8Array | undefined
  #hasEnded = false
  #hasClosed = false
  #emptyRecords = 0
  #keyUpdates = 0

  constructor(options: Omit<ClientHandshakeOptions, 'layer'>) {
    this.#handshake = new ClientHandshake({ ...options, layer: this.#layer() })
  }

  start(): void {
    this.#handshake.start()
  }

  /** Everything that is to be sent now, in one piece; empty when there is nothing. */
  takeOutput(): Uint8Array {
    return concat(...this.#out.splice(0))
  }

  /**
   * Takes bytes of the server.
   * @throws TlsError when the connection is over: its alert lies in the output, which is to be sent all the same
   */
  receive(bytes: Uint8Array): readonly TlsEvent[] {
    const events: TlsEvent[] = []
    if (this.#hasEnded) return events
    try {
      this.#cutter.push(bytes)
      for (let record = this.#cutter.next(); record !== undefined; record = this.#cutter.next()) {
        this.#onRecord(record, events)
        if (this.#hasEnded) break
      }
    } catch (error) {
      throw this.#failed(error)
    }
    return events
  }

  /**
   * The transport has ended.
   * @throws TlsError when the server had not said that it would: somebody may have cut the connection
   */
  transportEnded(): void {
    if (this.#hasEnded) return
    this.destroy()
    throw new TlsError(
      ALERT.closeNotify,
      this.#established === undefined
        ? 'the server closed the connection during the handshake'
        : 'the connection was cut: the server did not say goodbye',
      { code: this.#established === undefined ? 'E_HANDSHAKE' : 'E_LINK_LOST' },
    )
  }

  /**
   * Application data; the records are in the output.
   * @throws AivError `E_LINK_CLOSED` before the handshake is done, or after {@link close}
   */
  write(bytes: Uint8Array): void {
    if (this.#established === undefined || this.#hasClosed)
      throw new AivError('E_LINK_CLOSED', 'the TLS connection takes no data')
    const { contentMost } = this.#established
    for (let at = 0; at < bytes.length; at += contentMost) {
      if (this.#sealer?.isWorn === true) this.#updateWriting(false)
      this.#seal(CONTENT.applicationData, bytes.subarray(at, at + contentMost))
    }
  }

  /** Says that nothing more comes from us. */
  close(): void {
    if (this.#hasClosed) return
    this.#hasClosed = true
    this.#sendAlert(WARNING, this.#established === undefined ? ALERT.userCanceled : ALERT.closeNotify)
  }

  /**
   * Keying material that only both ends know (RFC 8446 section 7.5).
   * @throws AivError `E_HANDSHAKE` before the handshake is done
   */
  exportKeyingMaterial(label: string, context: Uint8Array, length: number): Uint8Array {
    if (this.#established === undefined) throw new AivError('E_HANDSHAKE', 'the handshake is not done')
    const { suite, exporterSecret } = this.#established
    return exportKeyingMaterial(suite, exporterSecret, label, context, length)
  }

  /** Forgets all keys. */
  destroy(): void {
    this.#hasEnded = true
    this.#hasClosed = true
    this.#handshake.abandon()
    this.#opener?.erase()
    this.#sealer?.erase()
    erase(
      this.#reading,
      this.#writing,
      this.#established?.exporterSecret,
      this.#established?.resumptionSecret,
    )
  }

  #layer(): HandshakeLayer {
    return {
      sendRecords: (bytes) => void this.#out.push(bytes),
      sendMessage: (message) => this.#seal(CONTENT.handshake, message),
      sendChangeCipherSpec: () =>
        void this.#out.push(plainRecord(CONTENT.changeCipherSpec, Uint8Array.of(1))),
      requireBoundary: () => this.#requireBoundary(),
      readWith: (suite, secret) => this.#readWith(suite, secret),
      writeWith: (suite, secret) => this.#writeWith(suite, secret),
    }
  }

  #requireBoundary(): void {
    if (!this.#messages.isEmpty)
      throw new TlsError(ALERT.unexpectedMessage, 'a message of the server came under two keys')
  }

  #readWith(suite: CipherSuite, secret: Uint8Array): void {
    this.#requireBoundary()
    this.#opener?.erase()
    this.#opener = new RecordOpener(suite, secret)
    this.#reading = secret
  }

  #writeWith(suite: CipherSuite, secret: Uint8Array): void {
    this.#sealer?.erase()
    this.#sealer = new RecordSealer(suite, secret)
    this.#writing = secret
  }

  #seal(type: number, content: Uint8Array): void {
    this.#out.push((this.#sealer as RecordSealer).seal(type, content))
  }

  #onRecord({ type, header, fragment }: CutRecord, events: TlsEvent[]): void {
    if (type === CONTENT.changeCipherSpec) {
      this.#onChangeCipherSpec(fragment)
      return
    }
    if (this.#opener === undefined) {
      if (fragment.length > PLAINTEXT_MOST)
        throw new TlsError(ALERT.recordOverflow, 'the server sent a record that is too long')
      this.#onContent(type, fragment, events)
      return
    }
    if (type !== CONTENT.applicationData)
      throw new TlsError(ALERT.unexpectedMessage, 'the server sent something unprotected')
    const opened = this.#opener.open(header, fragment)
    this.#onContent(opened.type, opened.content, events)
  }

  /** Means nothing since TLS 1.3, and is borne during the handshake alone. */
  #onChangeCipherSpec(fragment: Uint8Array): void {
    if (fragment.length !== 1 || fragment[0] !== 1 || this.#established !== undefined)
      throw new TlsError(ALERT.unexpectedMessage, 'a change of cipher spec in the wrong place')
    this.#countEmpty()
  }

  #onContent(type: number, content: Uint8Array, events: TlsEvent[]): void {
    // A part of a message has to be followed by the rest of it.
    if (type !== CONTENT.handshake && !this.#messages.isEmpty)
      throw new TlsError(ALERT.unexpectedMessage, 'something between the parts of a message')
    if (type === CONTENT.applicationData && this.#established !== undefined) this.#onData(content, events)
    else if (type === CONTENT.alert) this.#onAlert(content, events)
    else if (type === CONTENT.handshake) this.#onHandshake(content, events)
    else throw new TlsError(ALERT.unexpectedMessage, `the server sent a record of type ${type}`)
  }

  #onData(content: Uint8Array, events: TlsEvent[]): void {
    if (content.length === 0) {
      this.#countEmpty()
      return
    }
    this.#emptyRecords = 0
    this.#keyUpdates = 0
    events.push({ kind: 'data', bytes: content })
  }

  #countEmpty(): void {
    if (++this.#emptyRecords > EMPTY_RECORDS_MOST)
      throw new TlsError(ALERT.unexpectedMessage, 'the server sends records without content')
  }

  #onAlert(content: Uint8Array, events: TlsEvent[]): void {
    const [level, description] = content
    if (content.length !== 2 || description === undefined)
      throw new TlsError(ALERT.decodeError, 'the server sent an alert in a wrong form')
    if (description === ALERT.closeNotify && this.#established !== undefined) {
      this.#hasEnded = true
      events.push({ kind: 'end' })
      return
    }
    // The level says nothing since TLS 1.3; this one announces a close_notify.
    if (description === ALERT.userCanceled && level === WARNING) {
      this.#countEmpty()
      return
    }
    this.#hasEnded = true
    this.#hasClosed = true
    throw new AivError('E_HANDSHAKE', `the server ended the connection: ${alertName(description)}`)
  }

  #onHandshake(content: Uint8Array, events: TlsEvent[]): void {
    if (content.length === 0)
      throw new TlsError(ALERT.unexpectedMessage, 'a handshake record without content')
    this.#messages.push(content)
    for (let message = this.#messages.next(); message !== undefined; message = this.#messages.next()) {
      if (this.#established !== undefined) {
        this.#onLaterMessage(message, this.#established, events)
        continue
      }
      const established = this.#handshake.onMessage(message)
      if (established === undefined) continue
      this.#established = established
      const { suite, group, alpn, wasRetried, wasResumed } = established
      events.push({
        kind: 'established',
        negotiated: { cipherSuite: suite.name, group, alpn, wasRetried, wasResumed },
      })
    }
  }

  #onLaterMessage(message: Uint8Array, established: Established, events: TlsEvent[]): void {
    const body = message.subarray(HANDSHAKE_HEADER_BYTES)
    if (message[0] === MESSAGE.newSessionTicket) {
      const { suite, resumptionSecret } = established
      const { lifetime, ageAdd, nonce, ticket } = parseNewSessionTicket(body)
      if (lifetime === 0) return
      const psk = resumptionPsk(suite, resumptionSecret, nonce)
      const kept = {
        psk,
        ticket,
        ageAdd,
        lifetime: Math.min(lifetime, TICKET_LIFETIME_MOST),
        cipherSuite: suite.code,
      }
      events.push({ kind: 'ticket', ticket: kept })
    } else if (message[0] === MESSAGE.keyUpdate) {
      this.#onKeyUpdate(parseKeyUpdate(body), established.suite)
    } else {
      throw new TlsError(ALERT.unexpectedMessage, `the server sent message ${message[0]} after the handshake`)
    }
  }

  #onKeyUpdate(isAnswerWanted: boolean, suite: CipherSuite): void {
    if (++this.#keyUpdates > KEY_UPDATES_MOST)
      throw new TlsError(ALERT.unexpectedMessage, 'the server changes its key over and over')
    const secret = this.#reading as Uint8Array
    this.#readWith(suite, nextTrafficSecret(suite, secret))
    erase(secret)
    if (isAnswerWanted && !this.#hasClosed) this.#updateWriting(false)
  }

  #updateWriting(isAnswerWanted: boolean): void {
    const { suite } = this.#established as Established
    this.#seal(CONTENT.handshake, handshakeMessage(MESSAGE.keyUpdate, Uint8Array.of(isAnswerWanted ? 1 : 0)))
    const secret = this.#writing as Uint8Array
    this.#writeWith(suite, nextTrafficSecret(suite, secret))
    erase(secret)
  }

  /** Tells the server why, and makes an error of a mistake in its bytes. */
  #failed(error: unknown): unknown {
    this.#hasEnded = true
    const isMalformed = isAivError(error, 'E_MALFORMED')
    const reason = isMalformed
      ? new TlsError(ALERT.decodeError, `the server sent a message that cannot be read: ${error.message}`, {
          cause: error,
        })
      : error
    if (reason instanceof TlsError && !this.#hasClosed) this.#sendAlert(FATAL, reason.alertNumber)
    this.destroy()
    return reason
  }

  #sendAlert(level: number, description: number): void {
    const content = Uint8Array.of(level, description)
    if (this.#sealer === undefined) this.#out.push(plainRecord(CONTENT.alert, content))
    else this.#seal(CONTENT.alert, content)
  }
}
