/** The opener's side of `resume/1` (section 12.3): a stream that lives across sessions. */
import {
  AivError,
  type CborMap,
  isAivError,
  type RandomSource,
  systemClock,
  type TimerClock,
} from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { CODE } from '../../codes.ts'
import type { HtxSession } from '../../endpoint/htx-session.ts'
import { HtxStream } from '../../endpoint/htx-stream.ts'
import { countBuffered } from '../../endpoint/memory-budget.ts'
import type { Connector } from '../../reconnect/connector.ts'
import { ByteReader } from '../byte-reader.ts'
import { type OpenServiceOptions, openRawService, openService, readStatus } from '../open-service.ts'
import { Carriage } from './carriage.ts'
import { HELD_PER_PEER, RESUME_ID_BYTES, RESUME_SERVICE } from './constants.ts'
import { ContinuedStream } from './continued-stream.ts'
import {
  HeldServices,
  type Holder,
  heldBy,
  type Memory,
  type PeerShare,
  stoodStill,
} from './held-services.ts'
import { resumeParams } from './params.ts'
import { countOf, encodeAbort } from './records.ts'

export interface OpenContinuedOptions extends OpenServiceOptions {
  readonly clock?: TimerClock
  readonly random?: RandomSource
}

export interface OpenedContinued {
  readonly stream: HtxStream
  /** False when the peer does not know `resume/1`: the stream lives as long as its session. */
  readonly isContinued: boolean
  /** Why the peer does not continue it. */
  readonly refusal?: AivError
  /**
   * Resolves when the peer has consumed everything, or one side has reset the service: only then may the process end.
   * Rejects when the way to the peer is given up before.
   */
  readonly settled: Promise<void>
}

/**
 * Opens a service that survives the loss of its session, or a plain one where the peer cannot do that.
 * @returns a stream at the first byte behind the status of the service. It ends in `E_RESUME_UNKNOWN` when the peer has
 *   forgotten the service, and in the last failure of the way once the connector gives up
 * @throws AivError `E_SERVICE_REFUSED`, `E_RESUME_UNKNOWN`, what `Connector.run` throws
 */
export async function openContinued(
  connector: Connector,
  service: string,
  params: CborMap = {},
  options: OpenContinuedOptions = {},
): Promise<OpenedContinued> {
  const continuation = new Continuation(connector, service, params, options)
  const { signal } = options
  const plain = await connector.run(async (session) => await continuation.begin(session), optional(signal))
  if (plain !== undefined) return { ...plain, isContinued: false, settled: Promise.resolve() }
  const { stream, settled } = continuation
  const reader = new ByteReader(stream)
  const onAbort = (): void => {
    stream.destroy(new AivError('E_ABORTED', `the request for service ${service} was given up`))
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal?.aborted === true) onAbort()
    await readStatus(stream, reader, service)
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
  reader.release()
  return { stream, isContinued: true, settled }
}

/** What is opened through one connector counts together. */
const shares = new WeakMap<Connector, PeerShare>()

function shareOf(connector: Connector, clock: TimerClock): PeerShare {
  const share = shares.get(connector) ?? new HeldServices(clock, HELD_PER_PEER).share()
  shares.set(connector, share)
  return share
}

const NO_SESSION: Memory = { memoryRoom: Number.POSITIVE_INFINITY }

class Continuation {
  readonly stream: HtxStream
  readonly settled: Promise<void>
  readonly #connector: Connector
  readonly #service: string
  readonly #params: CborMap
  readonly #options: OpenContinuedOptions
  readonly #id: Uint8Array
  readonly #core: ContinuedStream
  readonly #over = Promise.withResolvers<void>()
  readonly #givenUp = new AbortController()
  #carriage: Carriage | undefined
  /** The one that carries it, or did so last. */
  #session: HtxSession | undefined
  /** The peer has answered status 0 once. */
  #isKnown = false
  #progress = 0
  readonly #share: PeerShare
  readonly #holder: Holder

  constructor(connector: Connector, service: string, params: CborMap, options: OpenContinuedOptions) {
    const { clock = systemClock, random = systemRandom } = options
    this.#connector = connector
    this.#service = service
    this.#params = params
    this.#options = options
    this.#id = random.bytes(RESUME_ID_BYTES)
    this.#share = shareOf(connector, clock)
    const core = new ContinuedStream({
      clock,
      id: 0,
      byPeer: false,
      onHeld: (bytes) => this.#share.held(bytes, this.#session ?? NO_SESSION),
      onProgress: () => this.#share.progressed(this.#holder),
      onIdleAck: () => this.#session?.chargeAbuse(),
      onOutput: () => {
        this.#carriage?.pump()
        // Nobody here wants it any more, and the peer forgets it by itself.
        if (this.#carriage === undefined && core.isAborting) core.abandon()
      },
      onOver: () => {
        this.#carriage?.pump()
        this.#givenUp.abort()
        this.#over.resolve()
        this.#share.remove(this.#holder)
      },
    })
    this.#core = core
    const stream = new HtxStream(core)
    this.stream = stream
    this.#holder = {
      get heldBytes() {
        return core.bufferedBytes
      },
      end() {
        core.abort(CODE.POLICY_REJECTED)
        stream.destroy(stoodStill())
      },
    }
    this.settled = this.#over.promise
    this.settled.catch(() => {})
  }

  /** @returns a plain stream of the service when the peer refuses to continue it */
  async begin(
    session: HtxSession,
  ): Promise<{ readonly stream: HtxStream; readonly refusal: AivError } | undefined> {
    try {
      await this.#carry(session)
    } catch (error) {
      if (this.#isKnown || !isAivError(error, 'E_SERVICE_REFUSED')) throw error
      const stream = await openRawService(session, this.#service, this.#params, this.#options)
      return { stream, refusal: error }
    }
    countBuffered(heldBy(this.#core, this.stream), this.#over.promise)
    if (this.#core.outcome === undefined) this.#share.add(this.#holder)
    return undefined
  }

  /** Names the service to the peer and exchanges counts. */
  async #carry(session: HtxSession): Promise<void> {
    const received = this.#isKnown ? this.#core.received : null
    const params = resumeParams({ id: this.#id, service: this.#service, params: this.#params, received })
    const { stream, reader } = await openService(session, RESUME_SERVICE, params, this.#options)
    this.#isKnown = true
    this.#session = session
    try {
      const count = await reader.exactly(8)
      if (this.#core.outcome !== undefined) throw new AivError('E_ABORTED', 'the service was given up')
      reader.release()
      this.#goOnFrom(count, stream)
    } catch (error) {
      if (!stream.destroyed && !stream.writableEnded) stream.destroy()
      throw error
    }
    const before = this.#core.progress
    this.#progress = before
    this.#connector.vouch(session, () => this.#core.progress > before)
    this.#carriage = new Carriage(this.#core, stream, () => {
      this.#carriage = undefined
      void this.#carryAgain()
    })
    this.#carriage.pump()
  }

  /** @throws AivError `E_RESUME_UNKNOWN` for a count that cannot be true, which it would be on every other link as well */
  #goOnFrom(count: Uint8Array, stream: HtxStream): void {
    try {
      this.#core.resume(countOf(count, 0))
    } catch (cause) {
      stream.end(encodeAbort(CODE.POLICY_REJECTED))
      stream.resume()
      this.#givenUp.abort()
      throw new AivError('E_RESUME_UNKNOWN', 'the peer does not know where the service was left', { cause })
    }
  }

  async #carryAgain(): Promise<void> {
    if (this.#core.isAborting) {
      this.#core.abandon()
      return
    }
    const gotNowhere = this.#core.progress === this.#progress
    try {
      await this.#connector.run((session) => this.#carry(session), {
        isBegun: true,
        signal: this.#givenUp.signal,
        ...(gotNowhere ? { afterFailure: new AivError('E_LINK_LOST', 'the link was lost at once') } : {}),
      })
    } catch (error) {
      if (this.#core.outcome !== undefined) return
      const failure = forgotten(error)
      this.#over.reject(failure)
      this.stream.destroy(failure)
      this.#core.abandon()
    }
  }
}

/** A refusal means that the peer no longer knows the service: what it had not delivered is lost. */
function forgotten(error: unknown): Error {
  if (!isAivError(error, 'E_SERVICE_REFUSED')) return error as Error
  return new AivError('E_RESUME_UNKNOWN', 'the peer no longer knows what was being continued', {
    cause: error,
    hint: 'Its process was restarted, or the way to it was gone for more than five minutes. Start again.',
  })
}

function optional(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}
