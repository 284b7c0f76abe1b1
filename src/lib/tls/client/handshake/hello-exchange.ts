/**
 * The hellos of a TLS 1.3 handshake (RFC 8446 sections 4.1 and 4.2.8): what is offered, a second hello when the server asks
 * for one, and the keys that follow from its answer.
 */
import { erase } from '../../../crypto/index.ts'
import { ALERT, TlsError } from '../../alert.ts'
import type { BuiltHello, HelloBuilder } from '../../browser/build/build-hello.ts'
import { zeroedConfirmation } from '../../ech/accept-confirmation.ts'
import type { EchSetup } from '../../ech/seal-hello.ts'
import { HANDSHAKE_HEADER_BYTES } from '../../handshake-header.ts'
import { EXTENSION } from '../../hello/extensions.ts'
import { GROUP } from '../../hello/groups.ts'
import type { CipherSuite } from '../../schedule/cipher-suites.ts'
import { KeySchedule, type TrafficSecrets } from '../../schedule/key-schedule.ts'
import { messageHash, type Transcript, transcriptOf } from '../../schedule/transcript.ts'
import { EncryptedOffer } from './encrypted-offer.ts'
import type { HandshakeLayer } from './handshake-layer.ts'
import { eraseShares, sharedSecret } from './key-agreement.ts'
import { negotiatedSuite, parsedRetry, requireTls13, selectedIdentity, serverShare } from './negotiation.ts'
import { Offer } from './offer.ts'
import { type NegotiatedHello, parseNegotiatedHello } from './server-messages.ts'
import { type OfferedSession, SessionResumption } from './session-resumption.ts'

export interface HelloExchangeOptions {
  readonly builder: HelloBuilder
  readonly host: string
  readonly alpn?: readonly string[]
  /** Whose server was verified when its ticket came. Not offered beside an encrypted hello. */
  readonly session?: OfferedSession
  /** Encrypts the hello; for this connection alone. */
  readonly echSetup?: EchSetup
  readonly layer: HandshakeLayer
}

/** What became of the name: hidden, shown with noise beside it, or shown as browsers did before ECH. */
export type EchStatus = 'accepted' | 'rejected' | 'grease' | 'none'

/** What the hellos settle. */
export interface ExchangedHellos {
  readonly suite: CipherSuite
  readonly group: number
  /** Of the hello that the server works with. */
  readonly offer: Offer
  readonly transcript: Transcript
  readonly schedule: KeySchedule
  readonly secrets: TrafficSecrets
  readonly ech: EchStatus
  readonly wasRetried: boolean
  readonly wasResumed: boolean
}

export class HelloExchange {
  readonly #options: HelloExchangeOptions
  readonly #encrypted: EncryptedOffer | undefined
  #built: BuiltHello
  /** What is offered still. */
  #resumption: SessionResumption | undefined
  /** Set from the first hello of the server on. */
  #suite: CipherSuite | undefined
  #wasRetried = false
  /** What stands in the transcript before the answer, when the server works with what it was shown. */
  #before: readonly Uint8Array[]
  #schedule: KeySchedule | undefined

  /** @throws AivError as {@link HelloBuilder.build} and `sealHello` */
  constructor(options: HelloExchangeOptions) {
    this.#options = options
    const { builder, host, alpn, session, echSetup } = options
    const request = { host, ...(alpn === undefined ? {} : { alpn }) }
    if (echSetup === undefined) {
      this.#resumption = session === undefined ? undefined : SessionResumption.of(session)
      const resumption = this.#resumption === undefined ? {} : { resumption: this.#resumption.offer([]) }
      this.#built = builder.build({ ...request, ...resumption })
    } else {
      this.#encrypted = new EncryptedOffer(builder, echSetup, request)
      this.#built = this.#encrypted.outer
    }
    this.#before = [this.#built.message]
  }

  get publicName(): string {
    return this.#encrypted?.publicName ?? this.#options.host
  }

  start(): void {
    this.#options.layer.sendRecords(this.#built.record)
  }

  /**
   * Takes ServerHello, or HelloRetryRequest, with its 4-byte header.
   * @returns undefined when another hello was asked for, and sent
   * @throws TlsError; AivError `E_MALFORMED`
   */
  onServerHello(message: Uint8Array): ExchangedHellos | undefined {
    const hello = parseNegotiatedHello(message.subarray(HANDSHAKE_HEADER_BYTES))
    requireTls13(hello, this.#offer)
    this.#options.layer.agreeVersion()
    // Both hellos offer the same as far as this answer goes.
    const suite = negotiatedSuite(hello, this.#offer)
    if (this.#suite !== undefined && this.#suite !== suite)
      throw new TlsError(ALERT.illegalParameter, 'the server changed its mind about the cipher suite')
    this.#suite = suite
    if (!hello.isRetryRequest) return this.#agree(message, hello, suite)
    this.#retry(message, hello, suite)
    return undefined
  }

  /** Erases what is secret. */
  abandon(): void {
    eraseShares(this.#built.keys.values())
    this.#encrypted?.erase()
    this.#schedule?.erase()
  }

  get #offer(): Offer {
    return new Offer(this.#built.hello)
  }

  #retry(message: Uint8Array, hello: NegotiatedHello, suite: CipherSuite): void {
    if (this.#wasRetried) throw new TlsError(ALERT.unexpectedMessage, 'the server asked for a third hello')
    const request = parsedRetry(hello, this.#offer)
    // Noise may be answered with noise, of the right length (RFC 9849 section 6.2).
    zeroedConfirmation('hello-retry-request', message)
    const first = this.#built
    const before = [messageHash(suite.hash, first.message), message]
    // A session of another hash cannot go on under this suite.
    if (this.#resumption?.suite.hash !== suite.hash) this.#resumption = undefined
    const resumption = this.#resumption === undefined ? {} : { resumption: this.#resumption.offer(before) }
    this.#built =
      this.#encrypted?.retry(message, suite, request) ??
      this.#options.builder.retry(first, { ...request, ...resumption })
    if (this.#built.keys !== first.keys) eraseShares(first.keys.values())
    this.#before = [...before, this.#built.message]
    this.#wasRetried = true
    this.#options.layer.sendRecords(this.#built.record)
  }

  #agree(message: Uint8Array, hello: NegotiatedHello, suite: CipherSuite): ExchangedHellos {
    const chosen = serverShare(hello)
    if (chosen === undefined) throw new TlsError(ALERT.missingExtension, 'the server sent no key share')
    const keys = this.#built.keys.get(chosen.group)
    if (keys === undefined || chosen.group === GROUP.x25519kyber768)
      throw new TlsError(ALERT.illegalParameter, 'the server chose a group that was not offered')
    const used = this.#used(message, suite)
    const transcript = transcriptOf(suite, ...used.before, message)
    const psk = this.#acceptedPsk(hello, suite)
    const schedule = new KeySchedule(suite, psk)
    this.#schedule = schedule
    const secret = sharedSecret(keys, chosen.share)
    schedule.enterHandshake(secret)
    erase(secret)
    eraseShares(this.#built.keys.values())
    this.#encrypted?.erase()
    return {
      suite,
      group: chosen.group,
      offer: used.offer,
      transcript,
      schedule,
      secrets: schedule.handshakeTraffic(transcript.digest()),
      ech: used.ech,
      wasRetried: this.#wasRetried,
      wasResumed: psk !== undefined,
    }
  }

  /** The hello that the server works with. */
  #used(
    message: Uint8Array,
    suite: CipherSuite,
  ): Pick<ExchangedHellos, 'offer' | 'ech'> & { readonly before: readonly Uint8Array[] } {
    const encrypted = this.#encrypted
    if (encrypted?.isAccepted(message, suite) === true)
      return { offer: new Offer(encrypted.inner), ech: 'accepted', before: encrypted.innerTranscript }
    const offer = this.#offer
    const shown = offer.hasExtension(EXTENSION.encryptedClientHello) ? 'grease' : 'none'
    return { offer, ech: encrypted === undefined ? shown : 'rejected', before: this.#before }
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
    return this.#resumption.psk
  }
}
