/** What a 1.2 session settles: the draft fixes what HELLO negotiates in 1.1 (section 13.2). */
import { TAG_LENGTH } from '../constants.ts'
import type { SideParameters } from '../session/index.ts'
import { FRAME_MOST, HEADER_LENGTH, INITIAL_WINDOW, STREAM_FIXED } from './types.ts'

/** What a session of 1.1 takes from the largest frame for the head of a STREAM. */
const HEAD_IN_1_1 = 4
const DATA_MOST = FRAME_MOST - HEADER_LENGTH - TAG_LENGTH - STREAM_FIXED

/** The parameters of one side; streams at once and the idle time-out stay as its HELLO said. */
export function parameters12(hello: SideParameters): SideParameters {
  return {
    ...hello,
    maxFrame: DATA_MOST + HEAD_IN_1_1,
    streamWindow: INITIAL_WINDOW.stream,
    sessionWindow: INITIAL_WINDOW.connection,
  }
}
