/**
 * A TLS 1.3 client (RFC 8446) without input and output: what the server sent goes in, what is to be sent comes out.
 * Handshake, records, key updates, tickets and alerts.
 */
import { AivError, concat, isAivError } from '../../core/index.ts'
import { erase } from '../../crypto/index.ts'
import { ALERT, alertName, TlsError } from '../alert.ts'
import { HANDSHAKE_HEADER_BYTES } from '../handshake-header.ts'
import { CONTENT } from '../record/constants.ts'
import { type CutRecord, RecordCutter } from '../record/record-cutter.ts'
import { exportKeyingMaterial, resumptionPsk } from '../schedule/key-schedule.ts'
import { ClientRecords } from './client-records.ts'
import {
  ClientHandshake,
  type ClientHandshakeOptions,
  type Established,
} from './handshake/client-handshake.ts'
import { EchRejectedError } from './handshake/ech-rejected.ts'
import { HandshakeMessages, handshakeMessage } from './handshake/handshake-message.ts'
import { CERTIFICATE_MOST } from './handshake/server-certificate.ts'
import { MESSAGE, parseKeyUpdate, parseNewSessionTicket } from './handshake/server-messages.ts'
import type { SessionTicket } from './handshake/session-resumption.ts'

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
  readonly ech: Established['ech']
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
  readonly #records = new ClientRecords(() => this.#messages.isEmpty)
  #established: Established | undefined
  #failure: Error | undefined
  readonly #flightBeforeAlert: Uint8Array[] = []
  #hasEnded = false
  #hasClosed = false
  #emptyRecords = 0
  #keyUpdates = 0
  /** The server has asked for a key update of ours. */
  #isUpdateDue = false
  #isBacklogged = false

  constructor(options: Omit<ClientHandshakeOptions, 'layer'>) {
    this.#handshake = new ClientHandshake({ ...options, layer: this.#records })
  }

  start(): void {
    this.#handshake.start()
  }

  /** What is to be sent now, in one piece; empty when there is nothing. A later piece is to be sent by itself. */
  takeOutput(): Uint8Array {
    const flight = this.#flightBeforeAlert.splice(0)
    return concat(...(flight.length > 0 ? flight : this.#records.takeOutput()))
  }

  /**
   * Whether the transport has yet to take what it was given. Key updates that the server asks for meanwhile become one: a
   * server that asks and does not read would fill our memory.
   */
  set isBacklogged(isBacklogged: boolean) {
    this.#isBacklogged = isBacklogged
  }

  /** The same without the copy: pieces that are to be sent in order, and together. */
  takePieces(): readonly Uint8Array[] {
    return this.#records.takeOutput()
  }

  /**
   * Takes bytes of the server. What came before a mistake in them is not lost: when there are events, {@link failure} has
   * the error behind them.
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
      this.#failure = this.#failed(error)
      if (events.length === 0) throw this.#failure
    }
    return events
  }

  /** Why the connection is over, when the server made it so. */
  get failure(): Error | undefined {
    return this.#failure
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
    // Before any data, however long it had to wait (RFC 8446 section 4.6.3).
    if (this.#isUpdateDue) this.#updateWriting()
    for (let at = 0; at < bytes.length; at += contentMost) {
      if (this.#records.isWorn) this.#updateWriting()
      this.#records.send(CONTENT.applicationData, bytes.subarray(at, at + contentMost))
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
    this.#records.erase()
    erase(this.#established?.exporterSecret, this.#established?.resumptionSecret)
  }

  #onRecord(record: CutRecord, events: TlsEvent[]): void {
    if (record.type === CONTENT.changeCipherSpec) {
      this.#onChangeCipherSpec(record.fragment)
      return
    }
    const { type, content } = this.#records.open(record)
    this.#onContent(type, content, events)
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
    // A protected one without content is forbidden (RFC 8446 section 5.4); Chrome bears the other kind.
    if (content.length === 0 && this.#records.isReadingProtected)
      throw new TlsError(ALERT.unexpectedMessage, 'a handshake record without content')
    if (content.length === 0) this.#countEmpty()
    this.#messages.push(content)
    for (let message = this.#messages.next(); message !== undefined; message = this.#messages.next()) {
      if (this.#established !== undefined) {
        this.#onLaterMessage(message, this.#established, events)
        continue
      }
      const established = this.#handshake.onMessage(message)
      if (established === undefined) continue
      this.#established = established
      const { suite, group, alpn, ech, wasRetried, wasResumed } = established
      events.push({
        kind: 'established',
        negotiated: { cipherSuite: suite.name, group, alpn, ech, wasRetried, wasResumed },
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
      this.#onKeyUpdate(parseKeyUpdate(body))
    } else {
      throw new TlsError(ALERT.unexpectedMessage, `the server sent message ${message[0]} after the handshake`)
    }
  }

  #onKeyUpdate(isAnswerWanted: boolean): void {
    if (++this.#keyUpdates > KEY_UPDATES_MOST)
      throw new TlsError(ALERT.unexpectedMessage, 'the server changes its key over and over')
    this.#records.updateReading()
    if (isAnswerWanted) this.#isUpdateDue = true
    if (!this.#isUpdateDue || this.#isBacklogged || this.#hasClosed) return
    this.#updateWriting()
    this.#isBacklogged = true
  }

  /** We never ask for an update in return. */
  #updateWriting(): void {
    this.#isUpdateDue = false
    this.#records.sendMessage(handshakeMessage(MESSAGE.keyUpdate, Uint8Array.of(0)))
    this.#records.updateWriting()
  }

  /** Tells the server why, and makes an error of a mistake in its bytes. */
  #failed(error: unknown): Error {
    this.#hasEnded = true
    const isMalformed = isAivError(error, 'E_MALFORMED')
    const reason = isMalformed
      ? new TlsError(ALERT.decodeError, `the server sent a message that cannot be read: ${error.message}`, {
          cause: error,
        })
      : (error as Error)
    // Chrome has sent its Finished before it says that ECH is required.
    if (reason instanceof EchRejectedError) this.#flightBeforeAlert.push(...this.#records.takeOutput())
    if (reason instanceof TlsError && !this.#hasClosed) this.#sendAlert(FATAL, reason.alertNumber)
    this.destroy()
    return reason
  }

  #sendAlert(level: number, description: number): void {
    this.#records.send(CONTENT.alert, Uint8Array.of(level, description))
  }
}
