/** The records of a client: what protects them in each direction, and what waits to be sent. */
import { erase } from '../../crypto/index.ts'
import { ALERT, TlsError } from '../alert.ts'
import { CONTENT, PLAINTEXT_MOST, RECORD_VERSION } from '../record/constants.ts'
import type { CutRecord } from '../record/record-cutter.ts'
import { type OpenedRecord, plainRecord, RecordOpener, RecordSealer } from '../record/record-protection.ts'
import type { CipherSuite } from '../schedule/cipher-suites.ts'
import { nextTrafficSecret } from '../schedule/key-schedule.ts'
import type { HandshakeLayer } from './handshake/handshake-layer.ts'

/** One direction under a secret from which the next one follows. */
interface Direction<T> {
  readonly suite: CipherSuite
  readonly secret: Uint8Array
  readonly protection: T
}

export class ClientRecords implements HandshakeLayer {
  readonly #out: Uint8Array[] = []
  #isAgreed = false
  #isChangeDue = false
  readonly #isBetweenMessages: () => boolean
  #reading: Direction<RecordOpener> | undefined
  #writing: Direction<RecordSealer> | undefined

  /** @param isBetweenMessages false while a part of a handshake message waits for the rest of it */
  constructor(isBetweenMessages: () => boolean) {
    this.#isBetweenMessages = isBetweenMessages
  }

  /** There is a key for what the server sends. */
  get isReadingProtected(): boolean {
    return this.#reading !== undefined
  }

  /** A new key is due for what is sent. */
  get isWorn(): boolean {
    return this.#writing?.protection.isWorn === true
  }

  /** Everything that is to be sent now, in order. */
  takeOutput(): readonly Uint8Array[] {
    return this.#out.splice(0)
  }

  sendRecords(bytes: Uint8Array): void {
    this.#sendDueChange()
    this.#out.push(bytes)
  }

  sendMessage(message: Uint8Array): void {
    this.send(CONTENT.handshake, message)
  }

  agreeVersion(): void {
    if (this.#isAgreed) return
    this.#isAgreed = true
    this.#isChangeDue = true
  }

  /** Under the present key, or under none before there is one. */
  send(type: number, content: Uint8Array): void {
    this.#sendDueChange()
    // BoringSSL says TLS 1.0 until a version is agreed on: in its first hello, and in an alert before that.
    const version = this.#isAgreed ? RECORD_VERSION.agreed : RECORD_VERSION.first
    if (this.#writing === undefined) this.#out.push(plainRecord(type, content, version))
    else this.#writing.protection.seal(type, content, this.#out)
  }

  /** @throws TlsError */
  open({ type, header, fragment }: CutRecord): OpenedRecord {
    if (this.#reading === undefined) {
      if (fragment.length > PLAINTEXT_MOST)
        throw new TlsError(ALERT.recordOverflow, 'the server sent a record that is too long')
      return { type, content: fragment }
    }
    // As if it had been opened: the alert of Chrome.
    if (type !== CONTENT.applicationData)
      throw new TlsError(ALERT.badRecordMac, 'the server sent something unprotected')
    return this.#reading.protection.open(header, fragment)
  }

  requireBoundary(): void {
    if (!this.#isBetweenMessages())
      throw new TlsError(ALERT.unexpectedMessage, 'a message of the server came under two keys')
  }

  readWith(suite: CipherSuite, secret: Uint8Array): void {
    this.requireBoundary()
    this.#reading?.protection.erase()
    this.#reading = { suite, secret, protection: new RecordOpener(suite, secret) }
  }

  writeWith(suite: CipherSuite, secret: Uint8Array): void {
    this.#writing?.protection.erase()
    this.#writing = { suite, secret, protection: new RecordSealer(suite, secret) }
  }

  /**
   * After a KeyUpdate of the server.
   * @throws TlsError as {@link requireBoundary}
   */
  updateReading(): void {
    if (this.#reading === undefined) return
    const { suite, secret } = this.#reading
    this.readWith(suite, nextTrafficSecret(suite, secret))
    erase(secret)
  }

  /** After a KeyUpdate of ours. */
  updateWriting(): void {
    if (this.#writing === undefined) return
    const { suite, secret } = this.#writing
    this.writeWith(suite, nextTrafficSecret(suite, secret))
    erase(secret)
  }

  /** Forgets all keys; what was sealed with them may still be sent. */
  erase(): void {
    this.#reading?.protection.erase()
    this.#writing?.protection.erase()
    erase(this.#reading?.secret, this.#writing?.secret)
  }

  #sendDueChange(): void {
    if (this.#isChangeDue) this.#out.push(plainRecord(CONTENT.changeCipherSpec, Uint8Array.of(1)))
    this.#isChangeDue = false
  }
}
