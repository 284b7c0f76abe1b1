/** What this project says in its HELLO (section 3.4). */
import {
  FEATURE,
  IDLE_TIMEOUT_DEFAULT_MS,
  MAX_FRAME_DEFAULT,
  MAX_STREAMS_DEFAULT,
  SESSION_WINDOW_DEFAULT,
  STREAM_WINDOW_DEFAULT,
  VERSION_1_1,
  VERSION_1_2,
} from '../constants.ts'
import type { LocalHello } from '../handshake/index.ts'
import type { Spec } from '../recording/key-log.ts'
import type { SideParameters } from '../session/index.ts'

const OWN_PARAMETERS: SideParameters = {
  maxFrame: MAX_FRAME_DEFAULT,
  streamWindow: STREAM_WINDOW_DEFAULT,
  sessionWindow: SESSION_WINDOW_DEFAULT,
  maxStreams: MAX_STREAMS_DEFAULT,
  idleTimeoutMs: IDLE_TIMEOUT_DEFAULT_MS,
}

const OWN_FEATURES = FEATURE.RESUMPTION | FEATURE.PRIORITIES | FEATURE.IDLE_PADDING | FEATURE.WINDOW_GROWTH

/** @param spec 1.2 is offered, and accepted, alone */
export function localHello(parameters: Partial<SideParameters> = {}, spec: Spec = '1.1'): LocalHello {
  return {
    versions: [spec === '1.2' ? VERSION_1_2 : VERSION_1_1],
    features: OWN_FEATURES,
    parameters: { ...OWN_PARAMETERS, ...parameters },
  }
}
