import { describe, expect, it } from 'vitest'
import {
  concat,
  fromHex,
  ManualClock,
  type RandomSource,
  SeededRandom,
  toHex,
} from '../../../src/lib/core/index.ts'
import {
  buildStreamHead,
  FRAME,
  FrameOpener,
  FrameSealer,
  type RekeyThresholds,
} from '../../../src/lib/htx/frames/index.ts'
import { DirectionKeys } from '../../../src/lib/htx/keys/direction.ts'
import { Session, type SideParameters } from '../../../src/lib/htx/session/index.ts'
import { SessionLog, watch } from '../../support/session-events.ts'
import { directionsFor, unusedKeys } from '../../support/session-keys.ts'
import { ALL_FEATURES, PARAMETERS } from '../../support/session-pair.ts'
import { describeFrame } from '../../support/session-peer.ts'
import {
  htxVectors,
  type JudgedFrame,
  type RecordedFrame,
  type RecordedSession,
  recordedDirections,
} from '../../support/session-vectors.ts'

const sessions = htxVectors<RecordedSession>('sessions.json')
const judged = htxVectors<JudgedFrame>('malformed.json')?.filter(({ kind }) => kind === 'frame')

const TOKEN: RandomSource = { bytes: (length) => fromHex('0102030405060708').slice(0, length) }
const NO_GROWTH = ALL_FEATURES & ~8
const REFUSED = 0x8102
const CANCELLED = 0x8101

interface Recorded {
  readonly session: Session
  readonly log: SessionLog
  /** Seals frames of the other side. */
  readonly peer: FrameSealer
}

interface Setup {
  readonly at?: { readonly generation: number; readonly counter: number }
  readonly local?: Partial<SideParameters>
  readonly rekey?: RekeyThresholds
}

function record(vector: RecordedSession, role: 'client' | 'server', setup: Setup = {}): Recorded {
  const clock = new ManualClock()
  const log = new SessionLog()
  const session = new Session(
    {
      role,
      clock,
      // PING intervals are drawn from it too; their value does not matter here.
      random: TOKEN,
      directions: recordedDirections(vector, role, setup.at),
      local: { ...PARAMETERS, ...setup.local },
      remote: PARAMETERS,
      features: NO_GROWTH,
      initialPing: false,
      ...(setup.rekey === undefined ? {} : { rekey: setup.rekey }),
    },
    log,
  )
  const other = recordedDirections(vector, role === 'client' ? 'server' : 'client')
  return { session, log, peer: new FrameSealer(other.send, clock) }
}

function pull(session: Session, budget = Number.POSITIVE_INFINITY): string {
  const out: Uint8Array[] = []
  session.pull(budget, out)
  return toHex(concat(...out))
}

/** Gives the session a frame of the other side that is not in the recording. */
function give({ session, peer }: Recorded, id: number, head: Uint8Array, data: Uint8Array): void {
  const out: Uint8Array[] = []
  peer.seal(FRAME.STREAM, id, [head, data], head.length + data.length, out)
  session.receive(concat(...out))
}

const OPEN = buildStreamHead({ open: 16 })
const PLAIN = buildStreamHead({})
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value))

/** What makes a server send each recorded frame. */
const SERVER_STEPS: Readonly<
  Record<string, { readonly setup?: Setup; readonly act: (on: Recorded) => void }>
> = {
  'WINDOW_UPDATE stream 1 +5': {
    setup: { local: { streamWindow: 10 } },
    act: (on) => give(on, 1, OPEN, text('hello')),
  },
  'WINDOW_UPDATE session +65536': {
    setup: { local: { streamWindow: 1_000_000, sessionWindow: 65_536 } },
    act: (on) => {
      give(on, 1, OPEN, new Uint8Array(32_768))
      give(on, 1, PLAIN, new Uint8Array(32_768))
    },
  },
  'PING reply': {
    act: ({ session, peer }) => {
      const out: Uint8Array[] = []
      peer.seal(FRAME.PING, undefined, [fromHex('000102030405060708')], 9, out)
      session.receive(concat(...out))
    },
  },
  'STREAM 2 OPEN FIN weight 32': {
    act: ({ session }) => {
      const stream = session.openStream(32)
      stream.write(text('server stream'))
      stream.finish()
    },
  },
  'KEY_UPDATE to generation 1': {
    setup: { rekey: { frames: 5, bytes: 2 ** 40, ms: 2 ** 40 } },
    act: ({ session }) => session.ping(),
  },
  'KEY_UPDATE to generation 2, no frame between': {
    setup: { rekey: { frames: 0, bytes: 2 ** 40, ms: 2 ** 40 } },
    act: ({ session }) => session.ping(),
  },
  'STREAM 1 data, 300 bytes': {
    act: (on) => {
      give(on, 1, OPEN, text('hello'))
      on.log.accepted[0]?.write(text('a'.repeat(300)))
    },
  },
  'STREAM 1 RESET REFUSED': {
    act: (on) => {
      give(on, 1, OPEN, text('hello'))
      on.log.accepted[0]?.reset(REFUSED)
    },
  },
  'STREAM 16387 RESET+STOP CANCELLED': {
    act: (on) => {
      give(on, 16_387, OPEN, text('x'))
      on.log.accepted[0]?.abort(CANCELLED)
    },
  },
  'CLOSE DRAIN last stream 16387': {
    act: (on) => {
      give(on, 16_387, OPEN, text('x'))
      on.session.drain('bye.')
    },
  },
}

describe.skipIf(sessions === undefined)('recorded sessions', () => {
  describe.each(sessions ?? [])('$id', (vector) => {
    it('come from the calls of a client, byte for byte', () => {
      const client = record(vector, 'client', { rekey: { frames: 5, bytes: 2 ** 40, ms: 2 ** 40 } })
      const { session } = client
      const sent: string[] = []
      const step = (act: () => void): void => {
        act()
        sent.push(pull(session))
      }
      const first = session.openStream()
      step(() => first.write(text('hello')))
      step(() => session.ping())
      step(() => session.pad(40))
      step(() => session.setMaxStreams(512))
      step(() => session.setWeight(first, 64))
      first.write(text(' world'))
      first.finish()
      step(() => session.skipStreamsTo(16_387))
      step(() => session.openStream().write(text('x')))
      step(() => session.close())
      expect(sent.join('')).toBe(
        vector.frames
          .filter(({ direction }) => direction === 'c')
          .map(({ frame }) => frame)
          .join(''),
      )
    })

    it.each(vector.frames.filter(({ direction }) => direction === 's'))(
      'have a server send "$what" byte for byte',
      (recorded) => {
        const { setup, act } = serverStep(recorded, vector)
        const server = record(vector, 'server', { ...setup, at: recorded })
        act(server)
        expect(pull(server.session, 1)).toBe(recorded.frame)
      },
    )

    it('are understood by a server', () => {
      const { session, log } = record(vector, 'server')
      for (const { direction, frame } of vector.frames) if (direction === 'c') session.receive(fromHex(frame))
      expect(log.logs.map((stream) => [stream.stream.id, stream.text, stream.finishedTimes])).toEqual([
        [1, 'hello world', 1],
        [16_387, 'x', 0],
      ])
      expect(log.accepted.map(({ weight }) => weight)).toEqual([64, 16])
      expect(log.ends).toEqual([{ cause: 'closed', code: 0, reason: '', byPeer: true }])
      expect(session.statistics.rekeysReceived).toBe(1)
      expect(session.statistics.framesReceived).toBe(9)
    })

    it('are understood by a client', () => {
      const { session, log } = record(vector, 'client')
      session.skipStreamsTo(1)
      const first = watch(session.openStream())
      session.skipStreamsTo(16_387)
      const second = watch(session.openStream())
      pull(session)
      for (const { direction, frame } of vector.frames) if (direction === 's') session.receive(fromHex(frame))
      expect([first.text, first.resets, first.stops]).toEqual(['a'.repeat(300), [REFUSED], []])
      expect([second.resets, second.stops, second.closes]).toEqual([[CANCELLED], [CANCELLED], [undefined]])
      expect(
        log.logs.map(({ stream, text: got, finishedTimes }) => [
          stream.id,
          stream.weight,
          got,
          finishedTimes,
        ]),
      ).toEqual([[2, 32, 'server stream', 1]])
      expect(log.tickets.map(({ lifetimeSeconds, handle }) => [lifetimeSeconds, toHex(handle)])).toEqual([
        [86_400, vector.new_ticket.handle],
      ])
      expect(log.drainingTimes).toBe(1)
      expect([session.isOpen, session.statistics.rekeysReceived]).toEqual([true, 2])
    })
  })
})

function serverStep(frame: RecordedFrame, vector: RecordedSession): (typeof SERVER_STEPS)[string] {
  if (frame.what.startsWith('stream 0 NEW_TICKET')) {
    return { act: ({ session }) => session.sendTicket(86_400, fromHex(vector.new_ticket.handle)) }
  }
  const step = SERVER_STEPS[frame.what]
  if (step === undefined) throw new Error(`no way to make a server send ${frame.what}`)
  return step
}

describe.skipIf(judged === undefined)('malformed.json meets a fresh session', () => {
  it.each(judged ?? [])('$id: $why', (vector) => {
    const role = vector.direction === 'c' ? 'server' : 'client'
    const log = new SessionLog()
    const directions = {
      send: directionsFor(role, 3).send,
      receive: DirectionKeys.recorded(
        vector.direction,
        fromHex(vector.key),
        fromHex(vector.nonce_salt),
        vector.counter,
      ),
    }
    const session = new Session(
      {
        role,
        clock: new ManualClock(),
        random: new SeededRandom(1),
        directions,
        local: PARAMETERS,
        remote: PARAMETERS,
        features: ALL_FEATURES,
        initialPing: false,
      },
      log,
    )
    const reader = new FrameOpener(directionsFor(role === 'server' ? 'client' : 'server', 3).receive, 65_535)
    session.receive(fromHex(vector.frame))
    reader.push(fromHex(pull(session)))
    const answer = reader.next()
    const said = answer === undefined ? 'nothing' : describeFrame(answer)

    if (vector.outcome === 'accept') {
      expect([log.ends, session.isOpen]).toEqual([[], true])
      expect(session.statistics.framesReceived).toBe(1)
    } else if (vector.outcome === 'close') {
      expect([said, log.ends.map(({ cause }) => cause)]).toEqual(['nothing', ['unauthenticated']])
      expect(session.nextDeadline()).toBeLessThanOrEqual(30_000)
    } else {
      const code = Number(vector.outcome.replace('CLOSE ', ''))
      expect(said).toBe(`close ${code.toString(16).padStart(4, '0')}`)
      expect(log.ends).toEqual([expect.objectContaining({ cause: 'closed', code, byPeer: false })])
    }
    if (vector.outcome !== 'accept') expect(log.accepted.flatMap((stream) => stream.id)).toEqual([])
  })
})

describe('frames that do not authenticate under the keys of anybody', () => {
  it('end the session in silence', () => {
    const log = new SessionLog()
    const session = new Session(
      {
        role: 'server',
        clock: new ManualClock(),
        random: new SeededRandom(1),
        directions: { send: unusedKeys('s'), receive: unusedKeys('c') },
        local: PARAMETERS,
        remote: PARAMETERS,
        features: ALL_FEATURES,
        initialPing: false,
      },
      log,
    )
    session.receive(fromHex('000004000108106869000102030405060708090a0b0c0d0e0f'))
    expect([pull(session), log.ends.map(({ cause }) => cause)]).toEqual(['', ['unauthenticated']])
  })
})
