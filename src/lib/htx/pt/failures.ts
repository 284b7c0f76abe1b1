/** Failures of a transport in words of our own: what a peer or a library said never reaches the log of the parent. */
import type { ErrorCode } from '../../core/index.ts'

const WORDS: Partial<Record<ErrorCode, string>> = {
  E_USAGE: 'the bridge line lacks an argument, or has one that is not known',
  E_ADDRESS: 'the arguments of the bridge line are no address',
  E_UNREACHABLE: 'the bridge cannot be reached',
  E_TIMEOUT: 'the bridge cannot be reached in time',
  E_PROXY: 'the proxy does not lead to the bridge',
  E_HANDSHAKE_TIMEOUT: 'who listens at the address of the bridge stays silent: its x= or a clock is wrong',
  E_PEER_MISMATCH: 'another peer than that of the bridge line answers',
  E_SERVICE_REFUSED: 'the bridge does not reach its relay',
  E_LINK_LOST: 'the connection to the bridge was lost',
  E_SESSION_CLOSED: 'the bridge ended the session',
}

export function failureWords(code: ErrorCode): string {
  return `${WORDS[code] ?? 'a connection to the bridge failed'} (${code})`
}
