/** The key log of sessions (section 16): lines of text with the secrets of each generation. */
import { AivError, fromHex, fromUtf8, toHex } from '../../core/index.ts'
import type { Direction } from '../keys/direction.ts'

/** Which framing and key schedule a session speaks. */
export type Spec = '1.1' | '1.2'

export interface LoggedSession {
  /** 32 bytes that name the session. */
  readonly handshakeHash: Uint8Array
  readonly spec: Spec
  /** By direction and generation, as `c0`. 32 bytes each. */
  readonly secrets: ReadonlyMap<string, Uint8Array>
}

const SECRET = /^HTX_SECRET ([0-9a-f]{64}) ([cs]) (0|[1-9][0-9]{0,9}) ([0-9a-f]{64})$/
const SPEC = /^HTX_SPEC ([0-9a-f]{64}) (1\.[12])$/
const GENERATION_MOST = 0xffffffff

/** @param secret chain secret (1.1) or traffic secret (1.2), 32 bytes */
export function secretLine(
  handshakeHash: Uint8Array,
  direction: Direction,
  generation: number,
  secret: Uint8Array,
): string {
  return `HTX_SECRET ${toHex(handshakeHash)} ${direction} ${generation} ${toHex(secret)}\n`
}

export function specLine(handshakeHash: Uint8Array, spec: Spec): string {
  return `HTX_SPEC ${toHex(handshakeHash)} ${spec}\n`
}

/**
 * Parses a key log. Empty lines and lines that begin with `#` say nothing; a session without HTX_SPEC is 1.1.
 * @throws AivError `E_MALFORMED` for any other line, or for two lines that contradict each other
 */
export function parseKeyLog(content: Uint8Array): readonly LoggedSession[] {
  const specs = new Map<string, Spec>()
  const secrets = new Map<string, Map<string, Uint8Array>>()
  let number = 0
  for (const line of fromUtf8(content).split('\n')) {
    number++
    const text = line.trimEnd()
    if (text === '' || text.startsWith('#')) continue
    const [, hash, direction, generation, secret] = SECRET.exec(text) ?? []
    const [, specHash, spec] = SPEC.exec(text) ?? []
    if (hash !== undefined && secret !== undefined && Number(generation) <= GENERATION_MOST) {
      const known = secrets.get(hash) ?? new Map<string, Uint8Array>()
      secrets.set(hash, known)
      const name = `${direction}${generation}`
      const before = known.get(name)
      if (before !== undefined && toHex(before) !== secret) throw contradiction(number)
      known.set(name, fromHex(secret))
    } else if (specHash !== undefined) {
      if ((specs.get(specHash) ?? spec) !== spec) throw contradiction(number)
      specs.set(specHash, spec as Spec)
    } else
      throw new AivError('E_MALFORMED', `line ${number} of the key log is neither HTX_SECRET nor HTX_SPEC`)
  }
  return [...secrets].map(([hash, known]) => ({
    handshakeHash: fromHex(hash),
    spec: specs.get(hash) ?? '1.1',
    secrets: known,
  }))
}

function contradiction(line: number): AivError {
  return new AivError('E_MALFORMED', `line ${line} of the key log contradicts an earlier one`)
}
