/** What a server says of itself before it answers, read beside the engine that heeds it: order included. */
import { fromUtf8, isAivError, readU16, readU24, readU32 } from '../../../../core/index.ts'
import { FLAG, FRAME, FRAME_HEADER_BYTES } from './constants.ts'

/** Of one frame that is kept. Bytes. */
const KEPT_MOST = 4096
const SETTING_BYTES = 6
const KEPT_TYPES: readonly number[] = [FRAME.settings, FRAME.windowUpdate, FRAME.altSvc]

export class ServerOpening {
  readonly #onSettings: (settings: ServerSettings) => void
  /** The frame under way as far as it is kept, with its header. */
  readonly #held = new Uint8Array(FRAME_HEADER_BYTES + KEPT_MOST)
  #length = 0
  /** Bytes of the frame under way that are not kept. */
  #skip = 0
  settings: ServerSettings | undefined
  /** Increment of the whole connection's window. */
  windowUpdate: number | undefined
  altSvc: string | undefined

  constructor(onSettings: (settings: ServerSettings) => void) {
    this.#onSettings = onSettings
  }

  /** Takes what the server sent. What is malformed ends the reading here; the engine has the error for it. */
  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      const skipped = Math.min(this.#skip, bytes.length - at)
      this.#skip -= skipped
      at += skipped
      if (at < bytes.length && this.#skip === 0) {
        const part = bytes.subarray(at, at + this.#needed - this.#length)
        this.#held.set(part, this.#length)
        this.#length += part.length
        at += part.length
        if (this.#length >= FRAME_HEADER_BYTES && this.#length === this.#needed) this.#endFrame()
      }
    }
  }

  get #needed(): number {
    if (this.#length < FRAME_HEADER_BYTES) return FRAME_HEADER_BYTES
    const isKept = KEPT_TYPES.includes(this.#held[3] as number)
    return FRAME_HEADER_BYTES + (isKept ? Math.min(readU24(this.#held, 0), KEPT_MOST) : 0)
  }

  #endFrame(): void {
    const payload = this.#held.subarray(FRAME_HEADER_BYTES, this.#length)
    this.#skip = readU24(this.#held, 0) - payload.length
    this.#length = 0
    const [type, flags = 0] = this.#held.subarray(3, 5)
    if (type === FRAME.settings && (flags & FLAG.ack) === 0) this.#onSettingsFrame(payload)
    else if (type === FRAME.windowUpdate && payload.length === 4 && readU32(this.#held, 5) === 0)
      this.windowUpdate ??= readU32(payload, 0)
    else if (type === FRAME.altSvc) this.#onAltSvc(payload)
  }

  #onSettingsFrame(payload: Uint8Array): void {
    const settings: [number, number][] = []
    for (let at = 0; at + SETTING_BYTES <= payload.length; at += SETTING_BYTES)
      settings.push([readU16(payload, at), readU32(payload, at + 2)])
    this.settings ??= settings
    this.#onSettings(settings)
  }

  /** RFC 7838 section 4: an origin, then the value. */
  #onAltSvc(payload: Uint8Array): void {
    if (payload.length < 2) return
    try {
      this.altSvc ??= fromUtf8(payload.subarray(2 + readU16(payload, 0)))
    } catch (error) {
      // A browser heeds nothing that is not text.
      if (!isAivError(error, 'E_MALFORMED')) throw error
    }
  }
}

/** In the order received. */
export type ServerSettings = readonly (readonly [id: number, value: number])[]
