/** Cuts what is written to a link into messages, few and not too large, for transports that have them. */
import { EAGER_WRITE_BYTES, WEBSOCKET_JOIN_BYTES, WEBSOCKET_MESSAGE_BYTES } from './constants.ts'
import { joinChunks } from './join-chunks.ts'

export interface MessageTransport {
  /** False once nothing can be sent any more: what was gathered is dropped. */
  isOpen(): boolean
  /** All that is sent between the two goes to the kernel together. */
  cork(): void
  uncork(): void
  /** One message, of 65 KiB at most. */
  send(message: Uint8Array): void
}

export class MessageBatches {
  readonly #transport: MessageTransport
  /** Small writes wait here, to travel as one message, until the current callback ends. */
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0

  constructor(transport: MessageTransport) {
    this.#transport = transport
  }

  /** @param bytes length of all chunks together */
  add(chunks: readonly Uint8Array[], bytes: number): void {
    if (this.#gatheredBytes === 0) process.nextTick(() => this.flush())
    for (const chunk of chunks) this.#gathered.push(chunk)
    this.#gatheredBytes += bytes
    if (this.#gatheredBytes >= EAGER_WRITE_BYTES) this.flush()
  }

  /** Sends what is gathered: large chunks as they are, runs of small ones joined into one message. */
  flush(): void {
    if (this.#gatheredBytes === 0) return
    const chunks = this.#gathered
    this.#gathered = []
    this.#gatheredBytes = 0
    if (!this.#transport.isOpen()) return
    this.#transport.cork()
    this.#send(chunks)
    this.#transport.uncork()
  }

  #send(chunks: readonly Uint8Array[]): void {
    let run: Uint8Array[] = []
    let runBytes = 0
    const sendRun = (): void => {
      if (runBytes > 0) this.#transport.send(joinChunks(run, runBytes))
      run = []
      runBytes = 0
    }
    for (const chunk of chunks) {
      if (chunk.length >= WEBSOCKET_JOIN_BYTES) {
        sendRun()
        for (let at = 0; at < chunk.length; at += WEBSOCKET_MESSAGE_BYTES)
          this.#transport.send(chunk.subarray(at, at + WEBSOCKET_MESSAGE_BYTES))
      } else {
        if (runBytes + chunk.length > WEBSOCKET_MESSAGE_BYTES) sendRun()
        run.push(chunk)
        runBytes += chunk.length
      }
    }
    sendRun()
  }
}
