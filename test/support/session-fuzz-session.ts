/**
 * Fuzzing behind the authentication: frames that were changed before they were sealed under the right keys, given to a
 * session whose application does odd things of its own.
 */
import { concat, isAivError, ManualClock, SeededRandom } from '../../src/lib/core/index.ts'
import { chacha20poly1305 } from '../../src/lib/crypto/index.ts'
import { CODE } from '../../src/lib/htx/codes.ts'
import { REKEY } from '../../src/lib/htx/constants.ts'
import { FrameOpener } from '../../src/lib/htx/frames/index.ts'
import type { DirectionKeys } from '../../src/lib/htx/keys/direction.ts'
import { watch } from './session-events.ts'
import { directionsFor } from './session-keys.ts'
import { mutate, type PlainFrame, plausibleFrame } from './session-mutation.ts'
import { ALL_FEATURES, makeSide, type SessionSide } from './session-pair.ts'

/** Frames given to each session; the last ones often meet one that has ended. */
export const FRAMES_PER_SESSION = 12
const KEY_SEED = 21

/** Codes a session may close with because of what a peer sent. */
const RIGHTS: readonly number[] = [
  CODE.OK,
  CODE.FLOW_CONTROL_VIOLATION,
  CODE.MALFORMED_FRAME,
  CODE.STREAM_STATE_ERROR,
  CODE.ENHANCE_CALM,
  CODE.KEEPALIVE_TIMEOUT,
]

/** Seals with a header of our own making, which no sealer would write. */
function seal(keys: DirectionKeys, { type, id, plaintext }: PlainFrame): Uint8Array {
  const { length } = plaintext
  const header = concat(Uint8Array.of(length >>> 16, length >>> 8, length, type), id)
  return concat(header, chacha20poly1305.seal(keys.key, keys.nextNonce(), header, plaintext))
}

function applicationActs(random: SeededRandom, side: SessionSide): void {
  const { session, log } = side
  const one = log.logs[random.below(Math.max(1, log.logs.length))]
  switch (random.below(16)) {
    case 0:
      one?.stream.abort(CODE.CANCELLED)
      return
    case 1:
      one?.stream.stop(CODE.CANCELLED)
      return
    case 2:
      one?.stream.finish()
      return
    case 3:
      one?.stream.reset(CODE.CANCELLED)
      return
    case 4:
      if (session.isOpen && !session.isDraining && random.chance(0.9)) openOne(random, side)
      return
    case 5:
      if (session.isOpen) session.ping()
      return
    case 6:
      session.drain()
      return
    case 7:
      session.setMaxStreams(random.below(20))
      return
    case 8:
      if (random.chance(0.2)) session.close(CODE.OK, 'done')
      return
    default:
      try {
        one?.stream.write(random.bytes(random.below(2_000)))
      } catch {
        // Our direction has ended: that is for the writer to know.
      }
  }
}

function openOne(random: SeededRandom, { session, log }: SessionSide): void {
  try {
    log.logs.push(watch(session.openStream(1 + random.below(255))))
  } catch (error) {
    if (!isAivError(error, 'E_STREAM_LIMIT')) throw error
  }
}

/** One session: a dozen frames, most of them sensible, some not. */
export function fuzzSession(seed: number): void {
  const random = new SeededRandom(seed)
  const clock = new ManualClock()
  const parameters = { maxFrame: 16_384, streamWindow: 4_000, sessionWindow: 10_000, maxStreams: 4 }
  const role = random.chance(0.5) ? 'server' : 'client'
  const side = makeSide(role, clock, KEY_SEED, { parameters, limits: { backlog: 2 } }, {}, ALL_FEATURES)
  side.log.onStream = (stream) => {
    if (random.chance(0.3)) return
    side.log.logs.push(
      watch(stream, (log) => {
        log.consumes = random.chance(0.7)
      }),
    )
  }
  const keys = directionsFor(role === 'server' ? 'client' : 'server', KEY_SEED)
  const answers = new FrameOpener(keys.receive, 65_535)
  const chance = random.chance(0.5) ? 0.1 : 0.4
  for (let i = 0; i < FRAMES_PER_SESSION; i++) {
    const plain = plausibleFrame(random)
    const frame = random.chance(chance) ? { ...plain, plaintext: mutate(random, plain.plaintext) } : plain
    const wire = seal(keys.send, frame)
    const cut = random.below(wire.length + 1)
    side.session.receive(wire.subarray(0, cut))
    if (random.chance(0.1)) applicationActs(random, side)
    side.session.receive(wire.subarray(cut))
    if (random.chance(0.5)) applicationActs(random, side)
    if (random.chance(0.1)) {
      clock.advance(random.below(40_000))
      side.session.tick()
    }
    if (random.chance(0.7)) readAnswers(side, answers)
    checkBounds(side)
  }
  side.session.linkClosed()
  checkEnd(side)
}

/** Whatever we are sent, what we send stays well formed: an opener of our own has to take it. */
function readAnswers(side: SessionSide, answers: FrameOpener): void {
  answers.push(side.pull())
  while (answers.next() !== undefined) {
    /* to the last whole frame */
  }
  if (answers.incomplete) throw new Error('half a frame was sent')
}

function checkBounds({ session, log }: SessionSide): void {
  if (session.bufferedBytes > 24 * 1_048_576 + 4 * 1_048_576)
    throw new Error(`${session.bufferedBytes} bytes buffered`)
  if (log.accepted.length > 4_000) throw new Error('too many streams accepted')
  if (session.statistics.rekeysSent > session.statistics.framesSent / REKEY.frames + 1)
    throw new Error('rekeys by themselves')
  for (const one of log.logs) {
    if (one.closes.length > 1 || one.finishedTimes > 1 || one.resets.length > 1 || one.stops.length > 1)
      throw new Error(`a stream was told twice: ${one.calls.join(' ')}`)
    const closedAt = one.calls.indexOf('closed')
    if (closedAt >= 0 && closedAt !== one.calls.length - 1)
      throw new Error(`after closed: ${one.calls.join(' ')}`)
    if (one.finishedTimes > 0 && one.resets.length > 0) throw new Error('finished and reset')
  }
}

function checkEnd({ session, log }: SessionSide): void {
  const [end] = log.ends
  if (end === undefined || log.ends.length !== 1) throw new Error(`${log.ends.length} ends`)
  if (log.linkDoneTimes !== 1) throw new Error(`the link was done ${log.linkDoneTimes} times`)
  if (session.nextDeadline() !== Number.POSITIVE_INFINITY) throw new Error('a timer stayed behind')
  // Everything was sealed under the right keys: nothing may be called unauthenticated that was not cut short.
  if (end.cause === 'unauthenticated') throw new Error('genuine frames did not authenticate')
  if (end.cause === 'closed' && !end.byPeer && !RIGHTS.includes(end.code))
    throw new Error(`closed with ${end.code}`)
  for (const one of log.logs) if (one.closes.length !== 1) throw new Error('a stream was never told the end')
}
