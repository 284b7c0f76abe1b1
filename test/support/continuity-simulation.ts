/**
 * Two sides of a continued service over links that are cut behind any byte, the exchange of counts included, all from
 * one seed. What is asserted is known without the code under test: every byte that was written arrives, once and in
 * order, and the end behind it.
 */
import { concat, EMPTY, ManualClock, readU64, SeededRandom, u64 } from '../../src/lib/core/index.ts'
import { KEPT_MOST } from '../../src/lib/htx/service/resume/constants.ts'
import { ContinuedStream } from '../../src/lib/htx/service/resume/continued-stream.ts'
import type { StreamHandler } from '../../src/lib/htx/session/index.ts'

/** Steps after which a run that has not finished is a failure. */
const STEPS_MOST = 200_000
/** The exchange of counts of each side: eight bytes. */
const COUNT_BYTES = 8

export interface ContinuityResult {
  readonly cuts: number
  readonly bytes: number
}

/** Kept and spare blocks in one direction, unread in the other, and what a writer still holds. */
const HELD_MOST = 3 * KEPT_MOST

class Application implements StreamHandler {
  readonly core: ContinuedStream
  /** Told by itself what it wrote: bytes are numbered. */
  written = 0
  readonly toWrite: number
  readonly #first: number
  readonly #random: SeededRandom
  #arrived = 0
  #unconsumed = 0
  #hasFinished = false
  ended = false
  outcome: string | undefined
  readonly name: string
  /** Takes nothing before everything it says was taken: over TCP that ends well if the other side reads meanwhile. */
  readonly #writesFirst: boolean

  constructor(name: string, clock: ManualClock, random: SeededRandom, first: number, writesFirst: boolean) {
    this.name = name
    this.#random = random
    this.#first = first
    this.#writesFirst = writesFirst
    let held = 0
    // A few runs reach beyond what may be kept.
    this.toWrite = random.chance(0.02) ? KEPT_MOST + random.below(KEPT_MOST) : random.below(300_000)
    this.core = new ContinuedStream({
      clock,
      id: 0,
      byPeer: false,
      onHeld: (bytes) => {
        held += bytes
        if (held < 0 || held > HELD_MOST) throw new Error(`${name}: holds ${held} bytes`)
      },
      onProgress: () => {},
      onOutput: () => {},
      onIdleAck: () => {
        throw new Error(`${name}: an acknowledgement of nothing`)
      },
      onOver: (outcome) => {
        this.outcome = outcome
      },
    })
    this.core.attach(this)
  }

  data(chunks: readonly Uint8Array[], bytes: number): void {
    if (this.ended) throw new Error(`${this.name}: data behind the end`)
    for (const chunk of chunks) {
      for (const byte of chunk) {
        if (byte !== valueAt(this.#arrived++, 1 - this.#first))
          throw new Error(`${this.name}: byte ${this.#arrived - 1} is not the one that was sent`)
      }
    }
    this.#unconsumed += bytes
  }

  finished(): void {
    this.ended = true
  }

  reset(code: number): void {
    throw new Error(`${this.name}: reset with ${code}`)
  }

  stopped(code: number): void {
    throw new Error(`${this.name}: stopped with ${code}`)
  }

  writable(): void {}
  closed(): void {}

  get arrived(): number {
    return this.#arrived
  }

  /** Writes, consumes or ends, as the seed has it. */
  act(): void {
    const random = this.#random
    if (this.core.queuedBytes === 0 && this.written < this.toWrite && random.chance(0.5)) {
      const most = random.chance(0.2) ? 1_000_000 : 5000
      const bytes = Math.min(this.toWrite - this.written, 1 + random.below(most))
      this.core.write(Uint8Array.from({ length: bytes }, (_, i) => valueAt(this.written + i, this.#first)))
      this.written += bytes
    }
    if (this.written === this.toWrite && !this.#hasFinished && random.chance(0.3)) {
      this.#hasFinished = true
      this.core.finish()
    }
    const isWriting = this.written < this.toWrite || this.core.queuedBytes > 0
    if (this.#writesFirst && isWriting) return
    if (this.#unconsumed > 0 && random.chance(0.5)) {
      const bytes = 1 + random.below(this.#unconsumed)
      this.#unconsumed -= bytes
      this.core.consumed(bytes)
    }
  }
}

/** A byte that says where it stands; the two directions differ. */
function valueAt(place: number, direction: number): number {
  return (Math.imul(place + direction * 77, 0x9e3779b1) >>> 13) & 0xff
}

/** One way of a link: bytes arrive in pieces until it is cut. */
class Way {
  #queue: Uint8Array[] = []
  bytes = 0

  send(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    // What the sender does with its memory afterwards is its own business.
    this.#queue.push(bytes.slice())
    this.bytes += bytes.length
  }

  take(most: number): Uint8Array {
    const first = this.#queue[0]
    if (first === undefined) return new Uint8Array()
    const part = first.subarray(0, most)
    if (part.length === first.length) this.#queue.shift()
    else this.#queue[0] = first.subarray(part.length)
    this.bytes -= part.length
    return part
  }
}

/** Each side says its count first: the opener when the link is new, the acceptor as its answer. */
class SimulatedLink {
  readonly up = new Way()
  readonly down = new Way()
  /** Bytes until the cut; far away when there is none. */
  #left: number
  #opener: Application
  #acceptor: Application
  readonly #counts: Record<'opener' | 'acceptor', Uint8Array> = { opener: EMPTY, acceptor: EMPTY }
  #isOpenerReady = false
  #isAcceptorReady = false

  constructor(opener: Application, acceptor: Application, left: number) {
    this.#opener = opener
    this.#acceptor = acceptor
    this.#left = left
    this.up.send(u64(opener.core.received))
  }

  get isCut(): boolean {
    return this.#left <= 0
  }

  move(random: SeededRandom): void {
    if (this.#isOpenerReady) pull(this.#opener, this.up, random)
    if (this.#isAcceptorReady) pull(this.#acceptor, this.down, random)
    this.#deliver(this.up, random, (bytes) => this.#toAcceptor(bytes))
    this.#deliver(this.down, random, (bytes) => this.#toOpener(bytes))
  }

  #deliver(way: Way, random: SeededRandom, to: (bytes: Uint8Array) => void): void {
    if (way.bytes === 0 || this.isCut || random.chance(0.3)) return
    const bytes = way.take(Math.min(this.#left, 1 + random.below(random.chance(0.5) ? 20 : 200_000)))
    this.#left -= bytes.length
    to(bytes)
  }

  #toAcceptor(bytes: Uint8Array): void {
    if (this.#isAcceptorReady) {
      this.#acceptor.core.receive(bytes)
      return
    }
    this.#counts.opener = concat(this.#counts.opener, bytes)
    if (this.#counts.opener.length < COUNT_BYTES) return
    const count = Number(readU64(this.#counts.opener, 0))
    this.#isAcceptorReady = true
    this.down.send(u64(this.#acceptor.core.received))
    this.#acceptor.core.suspend()
    this.#acceptor.core.resume(count)
  }

  #toOpener(bytes: Uint8Array): void {
    if (this.#isOpenerReady) {
      this.#opener.core.receive(bytes)
      return
    }
    const all = concat(this.#counts.acceptor, bytes)
    this.#counts.acceptor = all
    if (all.length < COUNT_BYTES) return
    this.#isOpenerReady = true
    this.#opener.core.resume(Number(readU64(all, 0)))
    if (all.length > COUNT_BYTES) this.#opener.core.receive(all.subarray(COUNT_BYTES))
  }
}

function pull({ core, name }: Application, way: Way, random: SeededRandom): void {
  // As much as a stream takes until its reader goes on.
  if (way.bytes > 300_000 || random.chance(0.3)) return
  const out: Uint8Array[] = []
  core.next(1 + random.below(300_000), out)
  for (const part of out) way.send(part)
  if (core.bufferedBytes > 4 * KEPT_MOST) throw new Error(`${name} holds ${core.bufferedBytes} bytes`)
}

/** @throws Error when a byte is lost, doubled or out of order, or when it never ends */
export function simulateContinuity(seed: number): ContinuityResult {
  const random = new SeededRandom(seed)
  const clock = new ManualClock()
  const first = random.below(10)
  const opener = new Application('opener', clock, random, 0, first === 0)
  const acceptor = new Application('acceptor', clock, random, 1, first === 1)
  const cutsMost = random.below(12)
  let cuts = 0
  const connect = (): SimulatedLink => {
    const isLast = cuts >= cutsMost
    const near = random.chance(0.3) ? random.below(30) + 1 : random.below(200_000) + 1
    return new SimulatedLink(opener, acceptor, isLast ? Number.MAX_SAFE_INTEGER : near)
  }
  let link = connect()
  for (let step = 0; opener.outcome === undefined || acceptor.outcome === undefined; step++) {
    if (step > STEPS_MOST)
      throw new Error(`it does not end: ${opener.arrived} and ${acceptor.arrived} arrived`)
    opener.act()
    acceptor.act()
    link.move(random)
    clock.advance(random.below(60))
    // The one whose last ACK was cut off never learns more: its id is kept for the other, and that is all.
    const isSettled = opener.outcome !== undefined || acceptor.outcome !== undefined
    if (!link.isCut) continue
    if (isSettled) break
    cuts++
    opener.core.suspend()
    // The acceptor may hear of the cut only from the next link.
    if (random.chance(0.5)) acceptor.core.suspend()
    link = connect()
  }
  for (const [from, to] of [
    [opener, acceptor],
    [acceptor, opener],
  ] as const) {
    if (to.arrived !== from.toWrite || !to.ended)
      throw new Error(
        `${to.name}: ${to.arrived} of ${from.toWrite} bytes, ${to.ended ? 'ended' : 'not ended'}`,
      )
  }
  return { cuts, bytes: opener.toWrite + acceptor.toWrite }
}
