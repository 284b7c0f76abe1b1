/** One direction of a recorded session: past the handshake, then frame by frame, opened where its key is known. */
import { AivError, concat } from '../../core/index.ts'
import { chacha20poly1305 } from '../../crypto/index.ts'
import { ProtocolViolation } from '../codes.ts'
import { MAX_FRAME_MOST } from '../constants.ts'
import { type FrameCutter, FrameReader, type SealedFrame } from '../frames/index.ts'
import { HandshakeReader, suiteOf } from '../handshake/index.ts'
import { type Direction, DirectionKeys } from '../keys/direction.ts'
import type { LoggedSession, Spec } from '../recording/key-log.ts'
import { TrafficKeys } from '../spec12/keys.ts'
import { FrameReader12 } from '../spec12/wire.ts'
import {
  type DecodedFrame,
  type FrameContent,
  isKeyUpdate,
  readContent,
  streamOf,
  typeName,
} from './decoded-frame.ts'

/** The keys of a recording. Both directions share it: what opens one names the session of the other. */
export interface KeyChoice {
  readonly sessions: readonly LoggedSession[]
  /** The session of the log whose key has opened a frame. */
  chosen: LoggedSession | undefined
}

type Keys = DirectionKeys | TrafficKeys

export class DirectionDecoder {
  readonly #direction: Direction
  readonly #spec: Spec
  readonly #choice: KeyChoice
  readonly #frames: FrameCutter
  #handshake: HandshakeReader | undefined
  /** Handshake messages still to come; unknown before the client's first names its suite. */
  #messagesLeft: number | undefined
  #seq = 0
  #generation = 0
  #keys: Keys | undefined

  /** @param framesOnly the recording begins with frame 0, not with the handshake */
  constructor(direction: Direction, spec: Spec, choice: KeyChoice, framesOnly: boolean) {
    this.#direction = direction
    this.#spec = spec
    this.#choice = choice
    this.#frames = spec === '1.2' ? new FrameReader12() : new FrameReader(MAX_FRAME_MOST)
    if (framesOnly) return
    this.#handshake = new HandshakeReader()
    // The server says one message in every suite.
    if (direction === 's') this.#messagesLeft = 1
  }

  /** Call after the last bytes: true when they end within a handshake message or a frame. */
  endsWithin(): boolean {
    return this.#handshake === undefined ? this.#frames.incomplete : this.#handshake.takeRest().length > 0
  }

  /**
   * The frames that `bytes` complete.
   * @throws AivError `E_MALFORMED` for what is no session, `E_AUTHENTICATION` when the keys of the log do not open it
   */
  *decode(bytes: Uint8Array): Generator<DecodedFrame> {
    const rest = this.#skipHandshake(bytes)
    if (rest.length > 0) this.#frames.push(rest)
    for (;;) {
      const sealed = this.#guard(() => this.#frames.next())
      if (sealed === undefined) return
      yield this.#guard(() => this.#decodeFrame(sealed))
    }
  }

  #skipHandshake(bytes: Uint8Array): Uint8Array {
    const reader = this.#handshake
    if (reader === undefined) return bytes
    reader.push(bytes)
    while (this.#messagesLeft !== 0) {
      const body = reader.next()
      if (body === undefined) return new Uint8Array(0)
      this.#messagesLeft = (this.#messagesLeft ?? clientMessages(body)) - 1
    }
    this.#handshake = undefined
    return reader.takeRest()
  }

  #decodeFrame(sealed: SealedFrame): DecodedFrame {
    const stream = streamOf(this.#spec, sealed)
    const content = this.#open(sealed)
    const frame: DecodedFrame = {
      dir: this.#direction,
      seq: this.#seq,
      generation: this.#generation,
      type: typeName(this.#spec, sealed.type),
      ...(stream === undefined ? {} : { stream }),
      length: sealed.length,
      ...(content === undefined ? {} : { content }),
    }
    this.#seq++
    if (isKeyUpdate(this.#spec, sealed.type)) {
      this.#generation++
      this.#keys?.update()
    }
    return frame
  }

  #open(sealed: SealedFrame): FrameContent | undefined {
    const plaintext = this.#keys === undefined ? this.#openFirst(sealed) : openWith(this.#keys, sealed)
    if (plaintext === undefined) {
      if (this.#keys === undefined) return undefined
      throw this.#notAuthentic()
    }
    const place = { direction: this.#direction, generation: this.#generation }
    return readContent(this.#spec, sealed, plaintext, place)
  }

  /** Looks for the session whose secret of this generation opens the frame; it must be the first of its generation. */
  #openFirst(sealed: SealedFrame): Uint8Array | undefined {
    const { sessions, chosen } = this.#choice
    let tried = false
    for (const session of chosen === undefined ? sessions : [chosen]) {
      const secret = session.secrets.get(`${this.#direction}${this.#generation}`)
      if (secret === undefined || session.spec !== this.#spec) continue
      const keys = this.#keysFrom(secret.slice(), session)
      const plaintext = openWith(keys, sealed)
      tried = true
      if (plaintext === undefined) continue
      this.#keys = keys
      this.#choice.chosen = session
      return plaintext
    }
    if (tried) throw this.#notAuthentic()
    return undefined
  }

  #keysFrom(secret: Uint8Array, { handshakeHash }: LoggedSession): Keys {
    return this.#spec === '1.2'
      ? new TrafficKeys(this.#direction, secret)
      : DirectionKeys.at(this.#direction, secret, handshakeHash, this.#generation)
  }

  #notAuthentic(): AivError {
    return new AivError(
      'E_AUTHENTICATION',
      `the key log does not open frame ${this.#seq} of direction ${this.#direction}`,
      { hint: 'The recording was altered, or the key log is of another session.' },
    )
  }

  #guard<T>(read: () => T): T {
    try {
      return read()
    } catch (cause) {
      if (!(cause instanceof ProtocolViolation)) throw cause
      const place = `frame ${this.#seq} of direction ${this.#direction}`
      throw new AivError('E_MALFORMED', `${place}: ${cause.message}`, { cause })
    }
  }
}

function clientMessages(message1: Uint8Array): number {
  const suite = suiteOf(message1[0] as number)
  if (suite === undefined) throw new AivError('E_MALFORMED', 'the first message names no known suite')
  return suite.messages === 3 ? 2 : 1
}

function openWith(keys: Keys, sealed: SealedFrame): Uint8Array | undefined {
  const { header, ciphertext, tag, length } = sealed
  const opened = chacha20poly1305.openParts(keys.key, keys.nextNonce(), header, ciphertext, tag, length)
  return opened === undefined ? undefined : concat(...opened)
}
