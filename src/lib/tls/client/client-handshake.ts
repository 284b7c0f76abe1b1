/**
 * The handshake of a TLS 1.3 client (RFC 8446 sections 2 and 4), message by message. It does no input or output: messages
 * come in whole, and what follows goes to a {@link HandshakeLayer}.
 */
import { concat, EMPTY, u16 } from '../../core/index.ts'
import { constantTimeEqual, erase, type VerifyingKey } from '../../crypto/index.ts'
import { ALERT, TlsError } from '../alert.ts'
import type { BuiltHello, HelloBuilder } from '../browser/build/build-hello.ts'
import { HANDSHAKE_HEADER_BYTES } from '../handshake-header.ts'
import { vector8, vector16 } from '../hello/byte-writer.ts'
import { GROUP } from '../hello/groups.ts'
import { PLAINTEXT_MOST } from '../record/constants.ts'
import type { CipherSuite } from '../schedule/cipher-suites.ts'
import { finishedMac, KeySchedule, type TrafficSecrets } from '../schedule/key-schedule.ts'
import { messageHash, Transcript } from '../schedule/transcript.ts'
import type { HandshakeLayer } from './handshake-layer.ts'
import { handshakeMessage } from './handshake-message.ts'
import { eraseShares, sharedSecret } from './key-agreement.ts'
import {
  type EncryptedNegotiation,
  encryptedNegotiation,
  negotiatedSuite,
  parsedRetry,
  selectedIdentity,
  serverShare,
} from './negotiation.ts'
import { Offer } from './offer.ts'
import { chainOf, decompressed, type VerifyChain, verifyServer } from './server-certificate.ts'
import {
  MESSAGE,
  type NegotiatedHello,
  parseCertificateRequest,
  parseEncryptedExtensions,
  parseNegotiatedHello,
} from './server-messages.ts'
import { type OfferedSession, SessionResumption } from './session-resumption.ts'

export interface ClientHandshakeOptions {
  readonly builder: HelloBuilder
  readonly host: string
  readonly alpn?: readonly string[]
  readonly verifyChain: VerifyChain
  /** Whose server was verified when its ticket came. */
  readonly session?: OfferedSession
  readonly layer: HandshakeLayer
}

/** What a finished handshake leaves behind. */
export interface Established {
  readonly suite: CipherSuite
  readonly group: number
  /** Empty when the server chose no protocol. */
  readonly alpn: string
  /** Of the records to the server, bytes. */
  readonly contentMost: number
  readonly traffic: TrafficSecrets
  readonly exporterSecret: Uint8Array
  readonly resumptionSecret: Uint8Array
  readonly wasRetried: boolean
  /** With the secret of an earlier session: no certificate was shown. */
  readonly wasResumed: boolean
}

/** What the first hello of the server settles. */
interface Chosen {
  readonly suite: CipherSuite
  readonly transcript: Transcript
}

type State =
  | 'server-hello'
  | 'encrypted-extensions'
  | 'certificate-or-request'
  | 'certificate'
  | 'certificate-verify'
  | 'finished'
  | 'done'

export class ClientHandshake {
  readonly #options: ClientHandshakeOptions
  #state: State = 'server-hello'
  #built: BuiltHello
  #offer: Offer
  #wasRetried = false
  /** What is offered still. */
  #resumption: SessionResumption | undefined
  #wasResumed = false
  /** Set from the first hello of the server on. */
  #negotiated: Chosen | undefined
  #schedule: KeySchedule | undefined
  #handshakeSecrets: TrafficSecrets | undefined
  #group = 0
  #encrypted: EncryptedNegotiation = { alpn: '', contentMost: PLAINTEXT_MOST }
  #certificateContext: Uint8Array | undefined
  #serverKey: VerifyingKey | undefined

  /** @throws AivError as {@link HelloBuilder.build} */
  constructor(options: ClientHandshakeOptions) {
    this.#options = options
    const { builder, host, alpn, session } = options
    this.#resumption = session === undefined ? undefined : SessionResumption.of(session)
    this.#built = builder.build({
      host,
      ...(alpn === undefined ? {} : { alpn }),
      ...(this.#resumption === undefined ? {} : { resumption: this.#resumption.offer([]) }),
    })
    this.#offer = new Offer(this.#built.hello)
  }

  start(): void {
    this.#options.layer.sendRecords(this.#built.record)
  }

  /**
   * Takes the next message of the server.
   * @param message with its 4-byte header
   * @returns what was agreed on, when the message was the last one
   * @throws TlsError; AivError `E_MALFORMED` for a message of wrong bytes
   */
  onMessage(message: Uint8Array): Established | undefined {
    const type = message[0] as number
    const body = message.subarray(HANDSHAKE_HEADER_BYTES)
    switch (this.#state) {
      case 'server-hello':
        this.#expect(type, MESSAGE.serverHello)
        this.#onServerHello(message, parseNegotiatedHello(body))
        return undefined
      case 'encrypted-extensions':
        this.#expect(type, MESSAGE.encryptedExtensions)
        this.#onEncryptedExtensions(body)
        this.#transcript.add(message)
        return undefined
      case 'certificate-or-request':
        if (type === MESSAGE.certificateRequest) this.#onCertificateRequest(body)
        else this.#onCertificate(type, body)
        this.#transcript.add(message)
        return undefined
      case 'certificate':
        this.#onCertificate(type, body)
        this.#transcript.add(message)
        return undefined
      case 'certificate-verify':
        this.#expect(type, MESSAGE.certificateVerify)
        verifyServer(body, this.#serverKey as VerifyingKey, this.#offer, this.#transcript.digest())
        this.#transcript.add(message)
        this.#state = 'finished'
        return undefined
      case 'finished':
        this.#expect(type, MESSAGE.finished)
        return this.#onFinished(message, body)
      case 'done':
        throw new TlsError(ALERT.internalError, 'the handshake is over')
    }
  }

  /** Erases what is secret. */
  abandon(): void {
    eraseShares(this.#built.keys.values())
    this.#schedule?.erase()
    if (this.#handshakeSecrets !== undefined) erase(...Object.values(this.#handshakeSecrets))
    this.#state = 'done'
  }

  get #transcript(): Transcript {
    return (this.#negotiated as Chosen).transcript
  }

  get #suite(): CipherSuite {
    return (this.#negotiated as Chosen).suite
  }

  #expect(type: number, expected: number): void {
    if (type !== expected)
      throw new TlsError(ALERT.unexpectedMessage, `the server sent message ${type} in place of ${expected}`)
  }

  #onServerHello(message: Uint8Array, hello: NegotiatedHello): void {
    const suite = negotiatedSuite(hello, this.#offer)
    if (this.#negotiated !== undefined && this.#negotiated.suite !== suite)
      throw new TlsError(ALERT.illegalParameter, 'the server changed its mind about the cipher suite')
    if (hello.isRetryRequest) this.#retry(message, hello, suite)
    else this.#agree(message, hello, suite)
  }

  #retry(message: Uint8Array, hello: NegotiatedHello, suite: CipherSuite): void {
    if (this.#wasRetried) throw new TlsError(ALERT.unexpectedMessage, 'the server asked for a third hello')
    const request = parsedRetry(hello, this.#offer)
    const first = this.#built
    const before = [messageHash(suite.hash, first.message), message]
    // A session of another hash cannot go on under this suite.
    if (this.#resumption?.suite.hash !== suite.hash) this.#resumption = undefined
    this.#built = this.#options.builder.retry(first, {
      ...request,
      ...(this.#resumption === undefined ? {} : { resumption: this.#resumption.offer(before) }),
    })
    if (this.#built.keys !== first.keys) eraseShares(first.keys.values())
    this.#offer = new Offer(this.#built.hello)
    const transcript = transcriptOf(suite, ...before, this.#built.message)
    this.#negotiated = { suite, transcript }
    this.#wasRetried = true
    // Both in one write, as browsers do.
    this.#options.layer.sendChangeCipherSpec()
    this.#options.layer.sendRecords(this.#built.record)
  }

  #agree(message: Uint8Array, hello: NegotiatedHello, suite: CipherSuite): void {
    this.#negotiated ??= { suite, transcript: transcriptOf(suite, this.#built.message) }
    this.#transcript.add(message)
    const chosen = serverShare(hello)
    if (chosen === undefined) throw new TlsError(ALERT.missingExtension, 'the server sent no key share')
    const keys = this.#built.keys.get(chosen.group)
    if (keys === undefined || chosen.group === GROUP.x25519kyber768)
      throw new TlsError(ALERT.illegalParameter, 'the server chose a group that was not offered')
    const schedule = new KeySchedule(suite, this.#acceptedPsk(hello, suite))
    this.#schedule = schedule
    this.#group = chosen.group
    const secret = sharedSecret(keys, chosen.share)
    schedule.enterHandshake(secret)
    erase(secret)
    eraseShares(this.#built.keys.values())
    const secrets = schedule.handshakeTraffic(this.#transcript.digest())
    this.#handshakeSecrets = secrets
    this.#options.layer.readWith(suite, secrets.server)
    // From here on an alert is protected: an onlooker need not know why we leave, and a browser does not say it either.
    this.#options.layer.writeWith(suite, secrets.client)
    this.#state = 'encrypted-extensions'
  }

  /** Undefined when the server makes a full handshake of it. */
  #acceptedPsk(hello: NegotiatedHello, suite: CipherSuite): Uint8Array | undefined {
    const selected = selectedIdentity(hello)
    if (selected === undefined) return undefined
    // One identity was offered.
    if (this.#resumption === undefined || selected !== 0)
      throw new TlsError(ALERT.illegalParameter, 'the server chose a session that was not offered')
    if (this.#resumption.suite.hash !== suite.hash)
      throw new TlsError(ALERT.illegalParameter, 'the server goes on with a session under another hash')
    this.#wasResumed = true
    return this.#resumption.psk
  }

  #onEncryptedExtensions(body: Uint8Array): void {
    this.#encrypted = encryptedNegotiation(parseEncryptedExtensions(body), this.#offer)
    this.#state = this.#wasResumed ? 'finished' : 'certificate-or-request'
  }

  /** We have no certificate; the server decides what it makes of that. */
  #onCertificateRequest(body: Uint8Array): void {
    const { context, extensions } = parseCertificateRequest(body)
    if (context.length > 0)
      throw new TlsError(ALERT.illegalParameter, 'a context in the request for a certificate')
    if (!extensions.some(({ type }) => type === SIGNATURE_ALGORITHMS))
      throw new TlsError(ALERT.missingExtension, 'a request for a certificate without signature algorithms')
    this.#certificateContext = context.slice()
    this.#state = 'certificate'
  }

  #onCertificate(type: number, body: Uint8Array): void {
    const isCompressed = type === MESSAGE.compressedCertificate
    if (!isCompressed) this.#expect(type, MESSAGE.certificate)
    const chain = chainOf(isCompressed ? decompressed(body, this.#offer) : body, this.#offer)
    this.#serverKey = this.#options.verifyChain(chain)
    this.#state = 'certificate-verify'
  }

  #onFinished(message: Uint8Array, body: Uint8Array): Established {
    const [suite, schedule] = [this.#suite, this.#schedule as KeySchedule]
    const secrets = this.#handshakeSecrets as TrafficSecrets
    if (!constantTimeEqual(body, finishedMac(suite, secrets.server, this.#transcript.digest())))
      throw new TlsError(ALERT.decryptError, "the server's Finished is wrong")
    // Before there are new keys, and an answer: neither is for a server that goes on in the old ones.
    this.#options.layer.requireBoundary()
    this.#transcript.add(message)
    schedule.enterMaster()
    const digest = this.#transcript.digest()
    const traffic = schedule.applicationTraffic(digest)
    const exporterSecret = schedule.exporterSecret(digest)
    this.#sendLastFlight(suite, secrets.client)
    const resumptionSecret = schedule.resumptionSecret(this.#transcript.digest())
    const { layer } = this.#options
    layer.readWith(suite, traffic.server)
    layer.writeWith(suite, traffic.client)
    this.abandon()
    return {
      suite,
      group: this.#group,
      alpn: this.#encrypted.alpn,
      contentMost: this.#encrypted.contentMost,
      traffic,
      exporterSecret,
      resumptionSecret,
      wasRetried: this.#wasRetried,
      wasResumed: this.#wasResumed,
    }
  }

  #sendLastFlight(suite: CipherSuite, clientSecret: Uint8Array): void {
    const { layer } = this.#options
    // The second hello has brought it already.
    if (!this.#wasRetried) layer.sendChangeCipherSpec()
    const { settingsType } = this.#encrypted
    if (settingsType !== undefined) {
      // Chrome has no settings of its own: the extension is empty.
      const extensions = vector16(concat(u16(settingsType), vector16(EMPTY)))
      this.#send(MESSAGE.encryptedExtensions, extensions)
    }
    if (this.#certificateContext !== undefined)
      this.#send(MESSAGE.certificate, concat(vector8(this.#certificateContext), NO_CERTIFICATES))
    this.#send(MESSAGE.finished, finishedMac(suite, clientSecret, this.#transcript.digest()))
  }

  #send(type: number, body: Uint8Array): void {
    const message = handshakeMessage(type, body)
    this.#transcript.add(message)
    this.#options.layer.sendMessage(message)
  }
}

const SIGNATURE_ALGORITHMS = 0x000d
/** A list of length zero, in 24 bits. */
const NO_CERTIFICATES = new Uint8Array(3)

function transcriptOf({ hash }: CipherSuite, ...messages: readonly Uint8Array[]): Transcript {
  const transcript = new Transcript(hash)
  for (const message of messages) transcript.add(message)
  return transcript
}
