/** What one side of a continued service sends: kept from the writer to the ACK, and placed on each link anew. */
import { AivError } from '../../../core/index.ts'
import { DATA_MOST, KEPT_MOST, UNSENT_MOST } from './constants.ts'
import { encodeDataHead, encodeEnd } from './records.ts'
import { ReplayBuffer } from './replay-buffer.ts'

export class SendingHalf {
  readonly #kept = new ReplayBuffer()
  /** Beyond what may be kept; still the writer's. */
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #isFinished = false
  /** The peer's last ACK. */
  #acked = 0
  /** Place of the next byte for the present link, and the furthest that any link has got. */
  #sendAt = 0
  #sentMost = 0

  get acked(): number {
    return this.#acked
  }

  /** What the furthest link has carried away: bytes, and one for END. */
  get sent(): number {
    return this.#sentMost
  }

  /** Memory that is taken: for what is kept, and by what its writer still holds. */
  get heldBytes(): number {
    return this.#kept.capacity + this.#pendingBytes
  }

  get pendingBytes(): number {
    return this.#pendingBytes
  }

  /** Our END has been sent and acknowledged. */
  get isHeard(): boolean {
    return this.#hasEnd && this.#acked > this.#kept.end
  }

  /** The next link goes on from what the peer has received. @throws AivError `E_MALFORMED` for a count that cannot be true */
  resume(count: number): void {
    this.#requirePossible(count, 'a count')
    this.#sendAt = count
  }

  push(chunk: Uint8Array): void {
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    this.takePending()
  }

  finish(): void {
    this.#isFinished = true
  }

  /** @throws AivError `E_MALFORMED` for a count that cannot be true */
  acknowledge(count: number): void {
    this.#requirePossible(count, 'an acknowledgement')
    this.#acked = count
    this.#kept.dropTo(Math.min(count, this.#kept.end))
  }

  /** Adds records of about `most` bytes. */
  next(most: number, add: (part: Uint8Array) => void): void {
    for (let bytes = 0; bytes < most && this.#sendAt < this.#kept.end; ) {
      const data = this.#kept.read(this.#sendAt, DATA_MOST)
      add(encodeDataHead(data.length))
      add(data)
      bytes += data.length
      this.#sendAt += data.length
    }
    if (this.#sendAt === this.#kept.end && this.#hasEnd) {
      add(encodeEnd())
      this.#sendAt++
    }
    this.#sentMost = Math.max(this.#sentMost, this.#sendAt)
  }

  /**
   * Copies what its writer still holds, as far as there is room.
   * @returns true when that was the last of it
   */
  takePending(): boolean {
    if (this.#pendingBytes === 0) return false
    while (this.#pendingBytes > 0) {
      const unsent = this.#kept.end - Math.min(this.#sentMost, this.#kept.end)
      const room = Math.min(KEPT_MOST - this.#kept.bytes, UNSENT_MOST - unsent)
      if (room <= 0) return false
      const chunk = this.#pending[0] as Uint8Array
      const part = chunk.subarray(0, room)
      this.#kept.append(part)
      this.#pendingBytes -= part.length
      if (part.length === chunk.length) this.#pending.shift()
      else this.#pending[0] = chunk.subarray(part.length)
    }
    return true
  }

  /** Nobody will want it any more. */
  clear(): void {
    this.#pending = []
    this.#pendingBytes = 0
    this.#kept.clear()
  }

  get #hasEnd(): boolean {
    return this.#isFinished && this.#pendingBytes === 0
  }

  #requirePossible(count: number, what: string): void {
    if (count >= this.#acked && count <= this.#sentMost) return
    throw new AivError('E_MALFORMED', `${what} of the other side cannot be true`)
  }
}
