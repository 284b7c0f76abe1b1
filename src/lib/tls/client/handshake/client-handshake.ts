/**
 * The handshake of a TLS 1.3 client (RFC 8446 sections 2 and 4), message by message. It does no input or output: messages
 * come in whole, and what follows goes to a {@link HandshakeLayer}.
 */
import { concat, EMPTY, u16 } from '../../../core/index.ts'
import { constantTimeEqual, erase, type VerifyingKey } from '../../../crypto/index.ts'
import { ALERT, TlsError } from '../../alert.ts'
import type { EchSetup } from '../../ech/seal-hello.ts'
import { HANDSHAKE_HEADER_BYTES } from '../../handshake-header.ts'
import { vector8, vector16 } from '../../hello/byte-writer.ts'
import { EXTENSION } from '../../hello/extensions.ts'
import { PLAINTEXT_MOST } from '../../record/constants.ts'
import type { CipherSuite } from '../../schedule/cipher-suites.ts'
import { finishedMac, type TrafficSecrets } from '../../schedule/key-schedule.ts'
import { EchRejectedError } from './ech-rejected.ts'
import { handshakeMessage } from './handshake-message.ts'
import {
  type EchStatus,
  type ExchangedHellos,
  HelloExchange,
  type HelloExchangeOptions,
} from './hello-exchange.ts'
import { type EncryptedNegotiation, encryptedNegotiation } from './negotiation.ts'
import { chainOf, decompressed, type VerifyChain, verifyServer } from './server-certificate.ts'
import { MESSAGE, parseCertificateRequest, parseEncryptedExtensions } from './server-messages.ts'

export interface ClientHandshakeOptions extends Omit<HelloExchangeOptions, 'echSetup'> {
  readonly verifyChain: VerifyChain
  /** Hides `host`. */
  readonly ech?: OfferedEch
}

export interface OfferedEch {
  /** For one connection. */
  readonly setup: EchSetup
  /** For a server that does not use the encrypted hello: decides whether it is that of the public name. */
  readonly verifyPublicName: VerifyChain
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
  readonly ech: Exclude<EchStatus, 'rejected'>
  readonly wasRetried: boolean
  /** With the secret of an earlier session: no certificate was shown. */
  readonly wasResumed: boolean
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
  readonly #exchange: HelloExchange
  #state: State = 'server-hello'
  #hellos: ExchangedHellos | undefined
  #encrypted: EncryptedNegotiation = { alpn: '', contentMost: PLAINTEXT_MOST, retryConfigs: [] }
  #certificateContext: Uint8Array | undefined
  #serverKey: VerifyingKey | undefined

  /** @throws AivError as {@link HelloExchange} */
  constructor(options: ClientHandshakeOptions) {
    this.#options = options
    const { ech } = options
    this.#exchange = new HelloExchange({
      ...options,
      ...(ech === undefined ? {} : { echSetup: ech.setup }),
    })
  }

  start(): void {
    this.#exchange.start()
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
        this.#onServerHello(message)
        return undefined
      case 'encrypted-extensions':
        this.#expect(type, MESSAGE.encryptedExtensions)
        this.#onEncryptedExtensions(body)
        this.#agreed.transcript.add(message)
        return undefined
      case 'certificate-or-request':
        if (type === MESSAGE.certificateRequest) this.#onCertificateRequest(body)
        else this.#onCertificate(type, body)
        this.#agreed.transcript.add(message)
        return undefined
      case 'certificate':
        this.#onCertificate(type, body)
        this.#agreed.transcript.add(message)
        return undefined
      case 'certificate-verify':
        this.#expect(type, MESSAGE.certificateVerify)
        verifyServer(
          body,
          this.#serverKey as VerifyingKey,
          this.#agreed.offer,
          this.#agreed.transcript.digest(),
        )
        this.#agreed.transcript.add(message)
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
    this.#exchange.abandon()
    if (this.#hellos !== undefined) erase(...Object.values(this.#hellos.secrets))
    this.#state = 'done'
  }

  get #agreed(): ExchangedHellos {
    return this.#hellos as ExchangedHellos
  }

  #expect(type: number, expected: number): void {
    if (type !== expected)
      throw new TlsError(ALERT.unexpectedMessage, `the server sent message ${type} in place of ${expected}`)
  }

  #onServerHello(message: Uint8Array): void {
    const hellos = this.#exchange.onServerHello(message)
    if (hellos === undefined) return
    this.#hellos = hellos
    const { suite, secrets } = hellos
    // From here on an alert is protected: an onlooker need not know why we leave, and a browser does not say it either.
    this.#options.layer.writeWith(suite, secrets.client)
    this.#options.layer.readWith(suite, secrets.server)
    this.#state = 'encrypted-extensions'
  }

  #onEncryptedExtensions(body: Uint8Array): void {
    const { offer, ech, wasResumed } = this.#agreed
    const extensions = parseEncryptedExtensions(body)
    if (ech === 'accepted' && extensions.some(({ type }) => type === EXTENSION.encryptedClientHello))
      throw new TlsError(ALERT.unsupportedExtension, 'other ECH configurations, although these were right')
    this.#encrypted = encryptedNegotiation(extensions, offer)
    this.#state = wasResumed ? 'finished' : 'certificate-or-request'
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
    const { offer, ech } = this.#agreed
    const chain = chainOf(isCompressed ? decompressed(body, offer) : body, offer)
    // Nobody who does not know the configuration can speak for the name that is hidden.
    const { verifyChain, ech: offered } = this.#options
    const verify = ech === 'rejected' ? (offered as OfferedEch).verifyPublicName : verifyChain
    this.#serverKey = verify(chain)
    this.#state = 'certificate-verify'
  }

  #onFinished(message: Uint8Array, body: Uint8Array): Established {
    const { suite, schedule, secrets, transcript, group, ech, wasRetried, wasResumed } = this.#agreed
    if (!constantTimeEqual(body, finishedMac(suite, secrets.server, transcript.digest())))
      throw new TlsError(ALERT.decryptError, "the server's Finished is wrong")
    // Before there are new keys, and an answer: neither is for a server that goes on in the old ones.
    this.#options.layer.requireBoundary()
    transcript.add(message)
    schedule.enterMaster()
    const digest = transcript.digest()
    const traffic = schedule.applicationTraffic(digest)
    const exporterSecret = schedule.exporterSecret(digest)
    this.#sendLastFlight(suite, secrets.client)
    const resumptionSecret = schedule.resumptionSecret(transcript.digest())
    const { layer } = this.#options
    layer.readWith(suite, traffic.server)
    layer.writeWith(suite, traffic.client)
    this.abandon()
    if (ech === 'rejected') {
      erase(...Object.values(traffic), exporterSecret, resumptionSecret)
      throw new EchRejectedError(this.#exchange.publicName, this.#encrypted.retryConfigs)
    }
    return {
      suite,
      group,
      alpn: this.#encrypted.alpn,
      contentMost: this.#encrypted.contentMost,
      traffic,
      exporterSecret,
      resumptionSecret,
      ech,
      wasRetried,
      wasResumed,
    }
  }

  #sendLastFlight(suite: CipherSuite, clientSecret: Uint8Array): void {
    const { settingsType } = this.#encrypted
    if (settingsType !== undefined) {
      // Chrome has no settings of its own: the extension is empty.
      const extensions = vector16(concat(u16(settingsType), vector16(EMPTY)))
      this.#send(MESSAGE.encryptedExtensions, extensions)
    }
    if (this.#certificateContext !== undefined)
      this.#send(MESSAGE.certificate, concat(vector8(this.#certificateContext), NO_CERTIFICATES))
    this.#send(MESSAGE.finished, finishedMac(suite, clientSecret, this.#agreed.transcript.digest()))
  }

  #send(type: number, body: Uint8Array): void {
    const message = handshakeMessage(type, body)
    this.#agreed.transcript.add(message)
    this.#options.layer.sendMessage(message)
  }
}

const SIGNATURE_ALGORITHMS = 0x000d
/** A list of length zero, in 24 bits. */
const NO_CERTIFICATES = new Uint8Array(3)
