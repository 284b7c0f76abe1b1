/** Two 1.2 sessions joined by hand, and a peer that seals its frames itself. */
import { concat, type ManualClock, SeededRandom } from '../../src/lib/core/index.ts'
import { chacha20poly1305 } from '../../src/lib/crypto/index.ts'
import type { RekeyThresholds } from '../../src/lib/htx/frames/index.ts'
import { DirectionKeys } from '../../src/lib/htx/keys/direction.ts'
import { ABSENT_PARAMETERS, type MuxStream, Session } from '../../src/lib/htx/session/index.ts'
import { TrafficKeys } from '../../src/lib/htx/spec12/keys.ts'
import { parameters12 } from '../../src/lib/htx/spec12/parameters.ts'
import { FrameReader12, sealFrame12 } from '../../src/lib/htx/spec12/wire.ts'

type Role = 'client' | 'server'

export interface Side {
  readonly session: Session
  readonly streams: MuxStream[]
  linkDone: boolean
}

/** A frame as it went over the wire, opened with keys of the test. */
export interface WireFrame {
  readonly type: number
  readonly id: number
  readonly plaintext: Uint8Array
}

function secretOf(direction: 'c' | 's'): Uint8Array {
  return new Uint8Array(32).fill(direction === 'c' ? 0xcc : 0x55)
}

export function side(role: Role, clock: ManualClock, rekey?: RekeyThresholds, initialPing = false): Side {
  const [send, receive] = role === 'client' ? (['c', 's'] as const) : (['s', 'c'] as const)
  const unused = (): DirectionKeys => new DirectionKeys('c', new Uint8Array(32), new Uint8Array(32))
  const streams: MuxStream[] = []
  const made: { session: Session; streams: MuxStream[]; linkDone: boolean } = {
    streams,
    linkDone: false,
    session: new Session(
      {
        role,
        clock,
        random: new SeededRandom(role === 'client' ? 1 : 2),
        directions: { send: unused(), receive: unused() },
        traffic: {
          send: new TrafficKeys(send, secretOf(send)),
          receive: new TrafficKeys(receive, secretOf(receive)),
        },
        local: parameters12(ABSENT_PARAMETERS),
        remote: parameters12(ABSENT_PARAMETERS),
        features: 0,
        initialPing,
        ...(rekey === undefined ? {} : { rekey }),
      },
      {
        stream: (stream) => streams.push(stream),
        output: () => {},
        end: () => {},
        linkDone: () => {
          made.linkDone = true
        },
      },
    ),
  }
  return made
}

/** Reads what a session says, frame by frame, following its key changes. */
export class WireReader {
  readonly #keys: TrafficKeys
  readonly #reader = new FrameReader12()

  constructor(direction: 'c' | 's') {
    this.#keys = new TrafficKeys(direction, secretOf(direction))
  }

  read(bytes: Uint8Array): WireFrame[] {
    this.#reader.push(bytes)
    const frames: WireFrame[] = []
    for (let sealed = this.#reader.next(); sealed !== undefined; sealed = this.#reader.next()) {
      const { header, ciphertext, tag, length, type, streamId } = sealed
      const opened = chacha20poly1305.openParts(
        this.#keys.key,
        this.#keys.nextNonce(),
        header,
        ciphertext,
        tag,
        length,
      )
      if (opened === undefined) throw new Error('a frame that does not open')
      frames.push({ type, id: Number(streamId), plaintext: concat(...opened) })
      if (type === 3) this.#keys.update()
    }
    return frames
  }
}

/** Everything the session has to say now. */
export function pullAll({ session }: Side): Uint8Array {
  const out: Uint8Array[] = []
  while (session.pull(1 << 20, out) > 0) {
    // until nothing is left
  }
  return concat(...out.map((piece) => piece.slice()))
}

/** Carries bytes both ways until both are silent. @returns frames of each direction */
export function settle(
  client: Side,
  server: Side,
  wire = { c: new WireReader('c'), s: new WireReader('s') },
): {
  readonly c: WireFrame[]
  readonly s: WireFrame[]
} {
  const said = { c: [] as WireFrame[], s: [] as WireFrame[] }
  for (;;) {
    const fromClient = pullAll(client)
    const fromServer = pullAll(server)
    if (fromClient.length + fromServer.length === 0) return said
    said.c.push(...wire.c.read(fromClient))
    said.s.push(...wire.s.read(fromServer))
    if (fromClient.length > 0) server.session.receive(fromClient)
    if (fromServer.length > 0) client.session.receive(fromServer)
  }
}

/** A peer of the test's own making. */
export class HandPeer {
  readonly keys: TrafficKeys

  constructor(direction: 'c' | 's') {
    this.keys = new TrafficKeys(direction, secretOf(direction))
  }

  frame(type: number, id: number, ...parts: readonly Uint8Array[]): Uint8Array {
    const plaintext = concat(...parts)
    const out: Uint8Array[] = []
    sealFrame12(this.keys, type, id, [plaintext], plaintext.length, out)
    return concat(...out)
  }
}
