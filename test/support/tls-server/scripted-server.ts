/**
 * A TLS 1.3 server that follows a script: honest where it says nothing, and wrong wherever it says so. It does no input
 * or output, and shares no code with the client that it is for. Not for real traffic.
 */
import { type ClientOffer, clientOffer } from './client-offer.ts'
import { confirmed, confirmedRetry, nameIn, openedHello } from './ech-opening.ts'
import type { Recipient } from './hpke.ts'
import { honestCertificate, honestRequest, honestVerify, type ServerIdentity } from './identity.ts'
import { type Agreed, agreed, NAMED_GROUP } from './key-exchange.ts'
import { Protection, plain } from './protection.ts'
import type { MessageName, Piece, Script } from './script.ts'
import { finished, ServerSecrets, updated } from './server-secrets.ts'
import { encryptedExtensions, retryRequest, serverHello } from './server-speech.ts'
import { hashed, type Suite, suiteOf } from './suites.ts'
import { joined, MESSAGE_TYPE, message, number, RECORD_TYPE } from './wire.ts'

const RECORD_MOST = 16_384
const MESSAGE_HASH = 254
export const UNREADABLE = -1

/** An alert of the client. */
export interface HeardAlert {
  /** {@link UNREADABLE} when it is under other keys than those of the server. */
  readonly description: number
  readonly isProtected: boolean
}

export class ScriptedServer {
  readonly #script: Script
  readonly #identity: ServerIdentity
  #input: Uint8Array = new Uint8Array(0)
  #output: Uint8Array[] = []
  #handshakeBytes: Uint8Array = new Uint8Array(0)
  #transcript: Uint8Array[] = []
  #state: 'hello' | 'second-hello' | 'client-flight' | 'open' = 'hello'
  #sealing: Protection | undefined
  #opening: Protection | undefined
  #secrets: ServerSecrets | undefined
  #recipient: Recipient | undefined
  #finishedDigest: Uint8Array = new Uint8Array(0)
  #suite: Suite = suiteOf(0)
  /** Types of records of the client, in their order. */
  readonly records: number[] = []
  /** Handshake messages of the client. */
  readonly heard: Uint8Array[] = []
  /** In each of its hellos: what it shows, and what the server works with. */
  readonly names: { readonly shown: string; readonly meant: string }[] = []
  readonly alerts: HeardAlert[] = []
  readonly data: Uint8Array[] = []
  /** Everything that both ends have to forget. */
  readonly secrets: Uint8Array[] = []

  constructor(script: Script, identity: ServerIdentity) {
    this.#script = script
    this.#identity = identity
  }

  /** The client's Finished was there, and right. */
  get isDone(): boolean {
    return this.#state === 'open'
  }

  /**
   * Takes bytes of the client.
   * @returns bytes for it
   * @throws Error when the client is wrong
   */
  receive(bytes: Uint8Array): Uint8Array {
    this.#input = joined(this.#input, bytes)
    while (this.#input.length >= 5) {
      const end = 5 + Buffer.from(this.#input).readUInt16BE(3)
      if (this.#input.length < end) break
      const record = this.#input.slice(0, end)
      this.#input = this.#input.slice(end)
      this.#onRecord(record)
    }
    return this.#taken()
  }

  /** Bytes with these in them, at any time. */
  send(...pieces: readonly Piece[]): Uint8Array {
    for (const piece of pieces) this.#sendPiece(piece)
    return this.#taken()
  }

  /** @returns NewSessionTicket, and the secret of the session */
  ticket(lifetime = 7200): { readonly message: Uint8Array; readonly psk: Uint8Array } {
    const nonce = Uint8Array.of(1, 2)
    const body = [number(lifetime, 4), number(7, 4), Uint8Array.of(2), nonce, number(3, 2)]
    return {
      message: message(MESSAGE_TYPE.newSessionTicket, ...body, Buffer.from('abc'), number(0, 2)),
      psk: (this.#secrets as ServerSecrets).ticketPsk(this.#digest(), nonce),
    }
  }

  exported(label: string, context: Uint8Array, length: number): Uint8Array {
    return (this.#secrets as ServerSecrets).exported(this.#finishedDigest, label, context, length)
  }

  #onRecord(record: Uint8Array): void {
    const type = record[0] as number
    this.records.push(type)
    if (type === RECORD_TYPE.changeCipherSpec) return
    const isProtected = type === RECORD_TYPE.applicationData
    const { type: inner, content } = isProtected
      ? this.#opened(record)
      : { type, content: record.subarray(5) }
    if (inner === RECORD_TYPE.alert)
      this.alerts.push({ description: new Int8Array(content)[1] as number, isProtected })
    else if (inner === RECORD_TYPE.applicationData) this.data.push(content)
    else this.#onHandshake(content)
  }

  #opened(record: Uint8Array): { readonly type: number; readonly content: Uint8Array } {
    if (this.#opening === undefined) throw new Error('the client protects records before there are keys')
    try {
      return this.#opening.opened(record)
    } catch {
      return { type: RECORD_TYPE.alert, content: Uint8Array.of(2, UNREADABLE) }
    }
  }

  #onHandshake(heard: Uint8Array): void {
    this.heard.push(heard)
    const type = heard[0]
    if (this.#state === 'hello' || this.#state === 'second-hello') this.#onHello(heard)
    else if (type === MESSAGE_TYPE.keyUpdate) this.#opening = this.#next(this.#opening as Protection)
    else if (type === MESSAGE_TYPE.finished) this.#onFinished(heard)
    else this.#transcript.push(heard)
  }

  #onHello(shown: Uint8Array): void {
    const hello = this.#meant(shown)
    const offer = clientOffer(hello)
    const { retry, suite = 0x1301 } = this.#script
    this.#transcript.push(hello)
    if (retry !== undefined && this.#state === 'hello') {
      this.#state = 'second-hello'
      this.#suite = suiteOf(retry.suite ?? suite)
      const digest = hashed(this.#suite, hello)
      this.#transcript = [joined(Uint8Array.of(MESSAGE_HASH, 0, 0, digest.length), digest)]
      const request = retryRequest(offer, this.#suite.code, retry)
      const inner = { before: this.#transcript, hello }
      const honest = this.#recipient === undefined ? request : confirmedRetry(this.#suite, request, inner)
      this.#say('hello-retry-request', honest)
      this.#flush()
      return
    }
    this.#suite = suiteOf(suite)
    this.#flight(offer, hello)
    this.#state = 'client-flight'
  }

  /** What it works with: the encrypted hello where it can open it. */
  #meant(shown: Uint8Array): Uint8Array {
    const { ech } = this.#script
    const isGivenUp = this.#state === 'second-hello' && this.#recipient === undefined
    const opened = ech === undefined || isGivenUp ? undefined : openedHello(shown, ech.key, this.#recipient)
    if (this.#recipient !== undefined && opened === undefined)
      throw new Error('a second hello that does not open')
    this.#recipient = opened?.recipient
    const hello = opened?.inner ?? shown
    this.names.push({ shown: nameIn(shown), meant: nameIn(hello) })
    return hello
  }

  #flight(offer: ClientOffer, hello: Uint8Array): void {
    const { group = this.#script.retry?.group ?? NAMED_GROUP.x25519, psk, alpn, settingsType } = this.#script
    const { asksForCertificate = false, compress, ech } = this.#script
    const agreement = agreedWith(offer, group)
    const { suite = 0x1301 } = this.#script
    const answer = serverHello(offer, suite, { group, share: agreement.share, isResumed: psk !== undefined })
    const isEncrypted = this.#recipient !== undefined
    const inner = { before: this.#transcript, hello }
    this.#say('server-hello', isEncrypted ? confirmed(this.#suite, answer, inner) : answer)
    this.#secrets = new ServerSecrets(this.#suite, psk, agreement.secret, this.#digest())
    const { handshake } = this.#secrets
    this.#flush()
    this.#sealing = this.#protection(handshake.server)
    this.#opening = this.#protection(handshake.client)
    this.#say(
      'encrypted-extensions',
      encryptedExtensions(alpn, settingsType, isEncrypted ? undefined : ech?.retryConfigs),
    )
    if (psk === undefined) {
      if (asksForCertificate) this.#say('certificate-request', honestRequest())
      const own = isEncrypted ? this.#identity : (ech?.publicIdentity ?? this.#identity)
      const certificate = honestCertificate(own)
      this.#say('certificate', compress?.(certificate) ?? certificate)
      this.#say('certificate-verify', honestVerify(own, this.#digest()))
    }
    const mac = finished(this.#suite, handshake.server, this.#digest())
    this.#say('finished', message(MESSAGE_TYPE.finished, mac))
    this.#flush()
    this.#finishedDigest = this.#digest()
  }

  #onFinished(heard: Uint8Array): void {
    const secrets = this.#secrets as ServerSecrets
    const expected = finished(this.#suite, secrets.handshake.client, this.#digest())
    if (Buffer.compare(heard.subarray(4), expected) !== 0) throw new Error("the client's Finished is wrong")
    this.#transcript.push(heard)
    const application = secrets.application(this.#finishedDigest)
    this.#opening = this.#protection(application.client)
    this.#sealing = this.#protection(application.server)
    this.#state = 'open'
  }

  #say(name: MessageName, honest: Uint8Array): void {
    for (const piece of this.#script.say?.(name, honest) ?? [honest]) this.#sendPiece(piece)
  }

  #sendPiece(piece: Piece): void {
    if (piece instanceof Uint8Array) {
      if (!this.isDone) this.#transcript.push(piece)
      this.#handshakeBytes = joined(this.#handshakeBytes, piece)
    } else if (piece === 'new-key') {
      this.#flush()
      this.#sealing = this.#next(this.#sealing as Protection)
    } else if ('unsaid' in piece) this.#handshakeBytes = joined(this.#handshakeBytes, piece.unsaid)
    else if ('silent' in piece) this.#transcript.push(piece.silent)
    else {
      this.#flush()
      if ('wire' in piece) this.#output.push(piece.wire)
      else this.#record(piece.type, piece.content, piece.padding, piece.isPlain)
    }
  }

  #record(type: number, content: Uint8Array, padding = 0, isPlain = false): void {
    const isSealed = this.#sealing !== undefined && !isPlain
    this.#output.push(
      isSealed ? (this.#sealing as Protection).sealed(type, content, padding) : plain(type, content),
    )
  }

  /** Handshake bytes of one key go into as few records as the script allows. */
  #flush(): void {
    const { recordBytes = RECORD_MOST } = this.#script
    for (let at = 0; at < this.#handshakeBytes.length; at += recordBytes)
      this.#record(RECORD_TYPE.handshake, this.#handshakeBytes.subarray(at, at + recordBytes))
    this.#handshakeBytes = new Uint8Array(0)
  }

  #taken(): Uint8Array {
    this.#flush()
    return joined(...this.#output.splice(0))
  }

  #digest(): Uint8Array {
    return hashed(this.#suite, ...this.#transcript)
  }

  #protection(secret: Uint8Array): Protection {
    const made = new Protection(this.#suite, secret)
    this.secrets.push(secret, made.key)
    return made
  }

  #next({ secret }: Protection): Protection {
    return this.#protection(updated(this.#suite, secret))
  }
}

/** For a group without a share of the client: something of the right form. The client is to refuse it. */
function agreedWith({ shares }: ClientOffer, group: number): Agreed {
  const share = shares.get(group)
  return share === undefined
    ? { share: new Uint8Array(32).fill(9), secret: new Uint8Array(32) }
    : agreed(group, share)
}
