/** A hello that is hidden in another one, and whether the server uses it (RFC 9849 section 6.1). */
import { ALERT, TlsError } from '../../alert.ts'
import type { BuiltHello, HelloBuilder, HelloRequest, RetryRequest } from '../../browser/build/build-hello.ts'
import { type ConfirmationSource, isAccepted, zeroedConfirmation } from '../../ech/accept-confirmation.ts'
import {
  type EchSetup,
  publicNameOf,
  type SealedHello,
  sealHello,
  sealSecondHello,
} from '../../ech/seal-hello.ts'
import type { ClientHello } from '../../hello/client-hello.ts'
import type { CipherSuite } from '../../schedule/cipher-suites.ts'
import { messageHash, transcriptOf } from '../../schedule/transcript.ts'

export class EncryptedOffer {
  readonly #builder: HelloBuilder
  readonly #setup: EchSetup
  readonly #host: string
  #sealed: SealedHello
  /** What a HelloRetryRequest said; undefined without one. */
  #wasAcceptedInRetry: boolean | undefined
  /** What stands in the transcript of the inner hellos before the answer. */
  #before: readonly Uint8Array[]

  /** @throws AivError as {@link sealHello} */
  constructor(builder: HelloBuilder, setup: EchSetup, request: Pick<HelloRequest, 'host' | 'alpn'>) {
    this.#builder = builder
    this.#setup = setup
    this.#host = request.host
    this.#sealed = sealHello(builder, setup, request)
    this.#before = [this.#sealed.innerMessage]
  }

  get publicName(): string {
    return publicNameOf(this.#setup.chosen)
  }

  get outer(): BuiltHello {
    return this.#sealed.outer
  }

  get inner(): ClientHello {
    return this.#sealed.inner
  }

  /** Messages that the transcript begins with when the server uses the inner hellos. */
  get innerTranscript(): readonly Uint8Array[] {
    return this.#before
  }

  /**
   * The hello after a HelloRetryRequest. One that answers the outer hello has refused: what was encrypted is sent once more as
   * it was, and means nothing.
   * @param message the HelloRetryRequest
   * @throws AivError `E_MALFORMED`; as {@link HelloBuilder.retry}
   */
  retry(message: Uint8Array, suite: CipherSuite, request: RetryRequest): BuiltHello {
    const { innerMessage, outer } = this.#sealed
    this.#before = [messageHash(suite.hash, innerMessage)]
    this.#wasAcceptedInRetry = this.#isConfirmed('hello-retry-request', message, suite)
    if (!this.#wasAcceptedInRetry) return this.#builder.retry(outer, request)
    const sealed = sealSecondHello(this.#builder, this.#setup, this.#sealed, { ...request, host: this.#host })
    this.#sealed = sealed
    this.#before = [...this.#before, message, sealed.innerMessage]
    return sealed.outer
  }

  /**
   * @param message the ServerHello
   * @throws TlsError `illegal_parameter` when it takes back what the HelloRetryRequest said
   */
  isAccepted(message: Uint8Array, suite: CipherSuite): boolean {
    if (this.#wasAcceptedInRetry === false) return false
    const isConfirmed = this.#isConfirmed('server-hello', message, suite)
    if (this.#wasAcceptedInRetry === true && !isConfirmed)
      throw new TlsError(ALERT.illegalParameter, 'the server used the encrypted hello, and then did not')
    return isConfirmed
  }

  erase(): void {
    this.#setup.sender.erase()
  }

  #isConfirmed(answer: ConfirmationSource['answer'], message: Uint8Array, suite: CipherSuite): boolean {
    const { sent, zeroed } = zeroedConfirmation(answer, message)
    const transcriptHash = transcriptOf(suite, ...this.#before, zeroed).digest()
    const { innerRandom } = this.#setup
    return isAccepted(sent, { answer, innerRandom, transcriptHash, hash: suite.hash })
  }
}
