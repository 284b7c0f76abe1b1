/** One connection from its first byte to its last: reads the hello, gives it back, and bounds what may take long. */
import type { Socket } from 'node:net'
import { localOf, remoteOf } from '../../../link/index.ts'
import type { FoundHello } from '../find/found-hello.ts'
import { ANSWER_MS, HELLO_MS } from './constants.ts'
import { FirstFlight } from './first-flight.ts'
import type { LiveOptions, LiveSkip } from './types.ts'

type Told = Pick<LiveOptions, 'clock' | 'onHello' | 'onSkip'>

export class Newcomer {
  readonly src: string
  readonly #socket: Socket
  readonly #options: Told
  readonly #flight = new FirstFlight()
  readonly #handOver: (found: FoundHello) => void
  #found: FoundHello | undefined
  #isOver = false
  #cancel: () => void

  /** @param handOver called when the hello is known and its bytes are back in the socket, which is the caller's then */
  constructor(socket: Socket, options: Told, handOver: (found: FoundHello) => void) {
    this.src = remoteOf(socket)
    this.#socket = socket
    this.#options = options
    this.#handOver = handOver
    this.#cancel = options.clock.schedule(HELLO_MS, () => this.drop('silent'))
    // There for good: a reset must not end the process, whoever owns the socket.
    socket.on('error', () => {})
    socket.once('close', () => this.drop('closed'))
    socket.on('data', this.#onData)
    socket.once('end', this.#onEnd)
  }

  /** The hello has come. */
  get isKnown(): boolean {
    return this.#found !== undefined
  }

  /** Ends the connection; without a hello, for this reason. */
  drop(reason: LiveSkip): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancel()
    this.#socket.destroy()
    if (this.#found === undefined) this.#options.onSkip?.(reason, this.src)
  }

  readonly #onEnd = (): void => this.drop('closed')

  readonly #onData = (bytes: Uint8Array): void => {
    if (this.#isOver) return
    const next = this.#flight.push(bytes)
    if (next.step === 'fault') this.drop(next.fault)
    else if (next.step === 'hello') {
      const found = { ...next.found, src: this.src, dst: localOf(this.#socket) }
      this.#found = found
      this.#release()
      this.#options.onHello(found)
      this.#handOver(found)
    }
  }

  #release(): void {
    this.#cancel()
    this.#cancel = this.#options.clock.schedule(ANSWER_MS, () => this.drop('silent'))
    this.#socket.off('data', this.#onData)
    this.#socket.off('end', this.#onEnd)
    this.#socket.pause()
    const { buffer, byteOffset, byteLength } = this.#flight.bytes
    this.#socket.unshift(Buffer.from(buffer, byteOffset, byteLength))
  }
}
