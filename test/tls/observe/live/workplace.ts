/** A live listener on loopback whose time and whose findings a test holds in its hands. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import { type FoundHello, type LiveListener, listenForHellos } from '../../../../src/lib/tls/index.ts'
import { selfSigned } from '../../../link/certificates.ts'

/** The first of what was and will be told that fits. */
class Told<T> {
  readonly all: T[] = []
  readonly #waiting = new Set<() => void>()

  tell(item: T): void {
    this.all.push(item)
    for (const wake of this.#waiting) wake()
  }

  async until(fits: (all: readonly T[]) => boolean): Promise<readonly T[]> {
    while (!fits(this.all)) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake)
          resolve()
        }
        this.#waiting.add(wake)
      })
    }
    return this.all
  }
}

/** A clock that stands still, and says when somebody sets a timer. */
class WatchedClock extends ManualClock {
  readonly timers = new Told<number>()

  override schedule(delayMs: number, callback: () => void): () => void {
    const cancel = super.schedule(delayMs, callback)
    this.timers.tell(delayMs)
    return cancel
  }
}

export interface Workplace {
  readonly listener: LiveListener
  readonly clock: WatchedClock
  readonly cert: string
  readonly hellos: Told<FoundHello>
  readonly skips: Told<{ readonly reason: string; readonly src: string }>
  readonly handshakeErrors: Told<string>
  /** A plain TCP connection to it. */
  dial(): Promise<Socket>
}

/** Answers with `src` of the client. */
export async function liveWorkplace(): Promise<Workplace> {
  const clock = new WatchedClock()
  const certificate = selfSigned(['DNS:localhost', 'IP:127.0.0.1'])
  const [hellos, skips, handshakeErrors] = [
    new Told<FoundHello>(),
    new Told<{ readonly reason: string; readonly src: string }>(),
    new Told<string>(),
  ]
  const listener = await listenForHellos({
    host: '127.0.0.1',
    port: 0,
    ...certificate,
    clock,
    onHello: (found) => hellos.tell(found),
    answer: ({ src }) => JSON.stringify({ src }),
    onSkip: (reason, src) => skips.tell({ reason, src }),
    onHandshakeError: (_, reason) => handshakeErrors.tell(reason),
  })
  onTestFinished(async () => {
    const closed = listener.close()
    clock.advance(60_000)
    await closed
  })
  return {
    listener,
    clock,
    cert: certificate.cert,
    hellos,
    skips,
    handshakeErrors,
    async dial() {
      const socket = connect(listener.port, '127.0.0.1')
      socket.setNoDelay(true)
      // The listener may reset what it does not want.
      socket.on('error', () => {})
      onTestFinished(() => void socket.destroy())
      await once(socket, 'connect')
      return socket
    },
  }
}
