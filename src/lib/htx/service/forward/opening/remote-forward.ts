/** Ports that the peer opens for us, and the connections that it hands over from them (`ssh -R`). */
import type { Socket } from 'node:net'
import { readU16, type TimerClock } from '../../../../core/index.ts'
import { CODE } from '../../../codes.ts'
import type { HtxSession } from '../../../endpoint/htx-session.ts'
import { streamResetError } from '../../../session/index.ts'
import { refusal, type Service } from '../../accept-service.ts'
import { openService } from '../../open-service.ts'
import { dialTarget } from '../dial.ts'
import { whileWanted } from '../forward-options.ts'
import { unreachable } from '../reasons.ts'
import { formatTarget, isUnixPath, type Target, targetParams } from '../target.ts'
import { carry } from './local-forward.ts'

export interface RemoteForward {
  /** What the peer opened, with the real port. */
  readonly where: string
  readonly port: number
  /** Resolves when the peer has closed the port, or a later session of ours has it. Never rejects. */
  readonly closed: Promise<'closed' | 'taken-over'>
  close(): void
}

/** How the stream that keeps a port ends when a later session has taken the port over. */
const TAKEN_OVER = streamResetError(CODE.CANCELLED).message

/** The remote forwards of one session. */
export class RemoteForwards {
  readonly #session: HtxSession
  readonly #clock: TimerClock
  /** Where connections lead, by the stream that keeps the port open. */
  readonly #targets = new Map<string, Target>()
  /** Answers that are on their way: a connection may overtake the one to its own request. */
  readonly #opening = new Set<Promise<unknown>>()
  #hasServed = false

  constructor(session: HtxSession, clock: TimerClock) {
    this.#session = session
    this.#clock = clock
  }

  /** A connection came through and reached its target. */
  get hasServed(): boolean {
    return this.#hasServed
  }

  /** What the peer may ask of us; offer it before the first port is opened. */
  get services(): Readonly<Record<'incoming', Service>> {
    return { incoming: this.#incoming }
  }

  /**
   * @param bind where the peer shall listen; port 0 lets it pick one
   * @param target where connections lead, seen from here
   * @throws AivError `E_SERVICE_REFUSED` when the peer does not permit it or cannot
   */
  async add(bind: Target, target: Target): Promise<RemoteForward> {
    const opening = this.#open(bind, target)
    this.#opening.add(opening)
    try {
      return await opening
    } finally {
      this.#opening.delete(opening)
    }
  }

  async #open(bind: Target, target: Target): Promise<RemoteForward> {
    const { stream, reader } = await openService(this.#session, 'bind', targetParams(bind))
    const port = readU16(await reader.exactly(2), 0)
    const id = String(stream.id)
    this.#targets.set(id, target)
    const { promise: closed, resolve } = Promise.withResolvers<'closed' | 'taken-over'>()
    stream.on('error', ({ message }: Error) => {
      if (message === TAKEN_OVER) resolve('taken-over')
    })
    stream.once('close', () => {
      this.#targets.delete(id)
      resolve('closed')
    })
    reader.release()
    // The peer ends it when it closes the port; our own end follows by itself.
    stream.once('end', () => stream.end())
    stream.resume()
    const where = isUnixPath(bind.host) ? bind.host : formatTarget({ host: bind.host, port })
    return { where, port, closed, close: () => void stream.end() }
  }

  readonly #incoming: Service = async ({ accept, params, reader, stream }) => {
    await Promise.allSettled(this.#opening)
    const { bind } = params
    const isId = typeof bind === 'number' || typeof bind === 'bigint'
    const target = isId ? this.#targets.get(String(bind)) : undefined
    if (target === undefined) throw refusal('no such port was asked for')
    const { signal, release } = whileWanted(stream, this.#clock)
    let socket: Socket
    try {
      socket = await dialTarget(target, { clock: this.#clock, signal })
    } catch (error) {
      throw unreachable(error)
    } finally {
      release()
    }
    accept()
    this.#hasServed = true
    reader.release()
    await carry(stream, socket)
  }
}
