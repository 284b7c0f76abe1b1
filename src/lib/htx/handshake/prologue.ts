/** The Noise prologue (section 3.2): everything both ends must agree on before the first key. */
import { concat, EMPTY, utf8 } from '../../core/index.ts'
import { bindData } from '../keys/schedule.ts'
import type { SuiteId } from './suites.ts'

/** Link codes of section 2.2. `ws` also stands for wss: a proxy may end TLS between them. */
export const LINK_CODE = { tcp: 1, ws: 2, quic: 3, https: 4, memory: 5 } as const

export type LinkName = keyof typeof LINK_CODE

const PREFIX = utf8('htx inner v1')
const BIND_NONE = 0
const BIND_EXPORTER = 1

/**
 * @param ekm 64 bytes of TLS exporter when the session is bound to the outer TLS
 * @param handle 16 bytes for the resumption suites
 */
export function buildPrologue(
  suite: SuiteId,
  link: LinkName,
  ekm?: Uint8Array,
  handle?: Uint8Array,
): Uint8Array {
  const bind = ekm === undefined ? BIND_NONE : BIND_EXPORTER
  return concat(
    PREFIX,
    Uint8Array.of(suite, LINK_CODE[link], bind),
    ekm === undefined ? EMPTY : bindData(ekm),
    handle ?? EMPTY,
  )
}
