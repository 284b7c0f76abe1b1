/**
 * The handshake patterns of the Noise Protocol Framework, revision 34 (sections 7.4, 7.5 and 18.1), as a table, and
 * the modifiers `psk0`, `psk1`, ... (section 9), `fallback` (section 10.2) and `hfs` (Noise HFS, revision 1).
 */
import { AivError } from '../core/index.ts'

export type Token = 'e' | 's' | 'ee' | 'es' | 'se' | 'ss' | 'psk' | 'e1' | 'ekem1'

/** A pattern as its own initiator sees it: messages alternate, the initiator's first. */
export interface HandshakePattern {
  readonly initiatorPreMessage: readonly Token[]
  readonly responderPreMessage: readonly Token[]
  readonly messages: readonly (readonly Token[])[]
}

const tokens = (text: string): Token[] => text.split(' ').filter((word) => word !== '') as Token[]

function pattern(
  initiatorPre: string,
  responderPre: string,
  ...messages: readonly string[]
): HandshakePattern {
  return {
    initiatorPreMessage: tokens(initiatorPre),
    responderPreMessage: tokens(responderPre),
    messages: messages.map(tokens),
  }
}

const PATTERNS: ReadonlyMap<string, HandshakePattern> = new Map(
  Object.entries({
    // one-way, section 7.4
    N: pattern('', 's', 'e es'),
    K: pattern('s', 's', 'e es ss'),
    X: pattern('', 's', 'e es s ss'),
    // interactive, section 7.5
    NN: pattern('', '', 'e', 'e ee'),
    NK: pattern('', 's', 'e es', 'e ee'),
    NX: pattern('', '', 'e', 'e ee s es'),
    XN: pattern('', '', 'e', 'e ee', 's se'),
    XK: pattern('', 's', 'e es', 'e ee', 's se'),
    XX: pattern('', '', 'e', 'e ee s es', 's se'),
    KN: pattern('s', '', 'e', 'e ee se'),
    KK: pattern('s', 's', 'e es ss', 'e ee se'),
    KX: pattern('s', '', 'e', 'e ee se s es'),
    IN: pattern('', '', 'e s', 'e ee se'),
    IK: pattern('', 's', 'e es s ss', 'e ee se'),
    IX: pattern('', '', 'e s', 'e ee se s es'),
    // deferred, section 18.1
    NK1: pattern('', 's', 'e', 'e ee es'),
    NX1: pattern('', '', 'e', 'e ee s', 'es'),
    X1N: pattern('', '', 'e', 'e ee', 's', 'se'),
    X1K: pattern('', 's', 'e es', 'e ee', 's', 'se'),
    XK1: pattern('', 's', 'e', 'e ee es', 's se'),
    X1K1: pattern('', 's', 'e', 'e ee es', 's', 'se'),
    X1X: pattern('', '', 'e', 'e ee s es', 's', 'se'),
    XX1: pattern('', '', 'e', 'e ee s', 'es s se'),
    X1X1: pattern('', '', 'e', 'e ee s', 'es s', 'se'),
    K1N: pattern('s', '', 'e', 'e ee', 'se'),
    K1K: pattern('s', 's', 'e es', 'e ee', 'se'),
    KK1: pattern('s', 's', 'e', 'e ee se es'),
    K1K1: pattern('s', 's', 'e', 'e ee es', 'se'),
    K1X: pattern('s', '', 'e', 'e ee s es', 'se'),
    KX1: pattern('s', '', 'e', 'e ee se s', 'es'),
    K1X1: pattern('s', '', 'e', 'e ee s', 'se es'),
    I1N: pattern('', '', 'e s', 'e ee', 'se'),
    I1K: pattern('', 's', 'e es s', 'e ee', 'se'),
    IK1: pattern('', 's', 'e s', 'e ee se es'),
    I1K1: pattern('', 's', 'e s', 'e ee es', 'se'),
    I1X: pattern('', '', 'e s', 'e ee s es', 'se'),
    IX1: pattern('', '', 'e s', 'e ee se s', 'es'),
    I1X1: pattern('', '', 'e s', 'e ee s', 'se es'),
  }),
)

const unsupported = (reason: string): AivError => new AivError('E_UNSUPPORTED', reason)

const isDh = (token: Token | undefined): boolean =>
  token === 'ee' || token === 'es' || token === 'se' || token === 'ss'

/** Inserts `token` after the first `after`, and behind the Diffie-Hellman that directly follows it if `passDh`. */
function insertAfter(
  messages: readonly (readonly Token[])[],
  after: Token,
  token: Token,
  passDh: boolean,
): Token[][] {
  const index = messages.findIndex((message) => message.includes(after))
  if (index < 0) throw unsupported(`this Noise pattern has no ${after} for hfs`)
  return messages.map((message, i) => {
    if (i !== index) return [...message]
    const at = message.indexOf(after) + 1
    return message.toSpliced(passDh && isDh(message[at]) ? at + 1 : at, 0, token)
  })
}

/** `e1` travels encrypted where a key exists already; `ekem1` answers it behind the first `ee`. */
function applyHfs(base: HandshakePattern): HandshakePattern {
  const withKey = insertAfter(base.messages, 'e', 'e1', true)
  return { ...base, messages: insertAfter(withKey, 'ee', 'ekem1', false) }
}

/** `psk0` opens the first message; `pskN` closes message N. */
function applyPsk(base: HandshakePattern, position: number): HandshakePattern {
  if (position > base.messages.length)
    throw unsupported(`this Noise pattern has no message ${position} for a psk`)
  const index = Math.max(0, position - 1)
  const messages = base.messages.map((message, i): readonly Token[] => {
    if (i !== index) return message
    return position === 0 ? ['psk', ...message] : [...message, 'psk']
  })
  return { ...base, messages }
}

const exchangeRoles = (token: Token): Token => (token === 'es' ? 'se' : token === 'se' ? 'es' : token)

/**
 * Makes the first message a pre-message, so that the other side speaks first. The one who speaks first is the
 * initiator from here on, hence `es` and `se` change places.
 */
function applyFallback(base: HandshakePattern): HandshakePattern {
  const [first = [], ...rest] = base.messages
  const known = base.initiatorPreMessage.length + base.responderPreMessage.length
  if (rest.length === 0 || known > 0 || first.some((token) => token !== 'e' && token !== 's'))
    throw unsupported('this Noise pattern cannot fall back')
  return {
    initiatorPreMessage: [],
    responderPreMessage: first,
    messages: rest.map((message) => message.map(exchangeRoles)),
  }
}

/**
 * The pattern of a name such as `XK`, `NNhfs+psk0` or `XXfallback`. Modifiers stand in alphabetical order, each
 * once: two spellings of one pattern would be two protocols. `fallback` stands alone.
 * @throws AivError `E_UNSUPPORTED`
 */
export function parsePattern(text: string): HandshakePattern {
  const [, baseName = '', modifierText = ''] = /^([A-Z][A-Z0-9]*)([a-z0-9+]*)$/.exec(text) ?? []
  const base = PATTERNS.get(baseName)
  if (base === undefined) throw unsupported('the Noise pattern is not known')
  if (modifierText === '') return base
  const modifiers = modifierText.split('+')
  if (modifiers.some((modifier, i) => i > 0 && modifier <= (modifiers[i - 1] as string)))
    throw unsupported('the modifiers of the Noise pattern are not sorted')
  // Fallback together with other modifiers has neither published vectors nor a user.
  if (modifierText === 'fallback') return applyFallback(base)
  return modifiers.reduce((changed, modifier) => {
    if (modifier === 'hfs') return applyHfs(changed)
    if (/^psk[0-9]$/.test(modifier)) return applyPsk(changed, Number(modifier.slice(3)))
    throw unsupported('the Noise pattern modifier is not known')
  }, base)
}
