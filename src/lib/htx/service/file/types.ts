/** What callers of the file service give and get. */
import type { TimerClock } from '../../../core/index.ts'
import type { OnProgress } from './wire/send-file.ts'

/** A file that has been transferred whole. */
export interface FileResult {
  /** Its name on the wire. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Bytes that the receiving side held already and that did not travel. */
  readonly resumedFrom: number
  /** SHA-256 of the whole file, 32 bytes. */
  readonly sha256: Uint8Array
}

/** A file that has been received. */
export interface ReceivedFile extends FileResult {
  /** True when exactly this file was there before, and nothing was written. */
  readonly unchanged: boolean
}

export interface TransferOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: OnProgress | undefined
  /** Share of the link, 1..255. */
  readonly weight?: number | undefined
  readonly clock?: TimerClock | undefined
}
