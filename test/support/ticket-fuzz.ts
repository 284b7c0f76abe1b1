/** Hostile tickets, grants and policies against the readers of a listener and of a client. */
import {
  AivError,
  concat,
  ManualClock,
  SeededRandom,
  toHex,
  unixSeconds,
  utf8,
} from '../../src/lib/core/index.ts'
import {
  type AccessTicketBinding,
  buildTicket,
  DEFAULT_POLICY_TEXT,
  DEFAULT_SITE,
  decodeBase64Url,
  encodeBase64Url,
  examineTicket,
  grantDocument,
  grantOf,
  newTicketKey,
  parseGrant,
  parsePayload,
  parsePolicy,
} from '../../src/lib/htx/ticket/index.ts'
import { mutate, pickOne } from './session-mutation.ts'

const CLOCK = new ManualClock()
const BINDING: AccessTicketBinding = { serverStatic: new Uint8Array(32).fill(3), bind32: new Uint8Array(32) }
const KEY = newTicketKey(new SeededRandom(1), CLOCK)
const GRANT = grantOf({ policyText: DEFAULT_POLICY_TEXT, ...DEFAULT_SITE, keys: [KEY] }, KEY)
const BOUND = { ...GRANT, policy: { ...GRANT.policy, version: 2 as const } }
const TICKETS = [GRANT, GRANT, BOUND, BOUND].map((grant, seed) =>
  buildTicket(grant, { clock: CLOCK, random: new SeededRandom(seed), binding: BINDING }),
)
const P = 2n ** 255n - 19n

/** The value, or undefined for the one typed error that is the reader's right. */
function read<T>(what: string, parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (error instanceof AivError && error.code === 'E_MALFORMED') return undefined
    throw new Error(`${what}: not a typed outcome (${String(error)})`)
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** What the rules of form say about these bytes, written down a second time. */
function isWellFormed(bytes: Uint8Array): boolean {
  return bytes.length >= 129 && bytes.length <= 169 && littleEndian(bytes.subarray(1, 33)) < P
}

function expectSame(what: string, actual: unknown, expected: unknown, input: Uint8Array): void {
  if (actual !== expected) throw new Error(`${what} is ${actual}, not ${expected}: ${toHex(input)}`)
}

/** The fuzz target: one hostile ticket, as bytes and as text, and one hostile grant. */
export function fuzzTicket(seed: number): void {
  const random = new SeededRandom(seed)
  const genuine = pickOne(random, TICKETS)
  const bytes = random.chance(0.1)
    ? random.bytes(random.below(200))
    : random.chance(0.1)
      ? concat(genuine.subarray(0, 105), random.bytes(random.below(80)))
      : mutate(random, genuine)
  expectSame(
    'well formed',
    read('payload', () => parsePayload(bytes)) !== undefined,
    isWellFormed(bytes),
    bytes,
  )
  const judged = examineTicket(bytes, [KEY], unixSeconds(CLOCK), { binding: BINDING, versions: [1, 2] })
  expectSame('genuine', typeof judged === 'object', isWellFormed(bytes) && isOneOfOurs(bytes), bytes)
  const text = encodeBase64Url(genuine)
  const spelled = new TextDecoder('latin1').decode(
    random.chance(0.9) ? mutate(random, utf8(text)) : utf8(text),
  )
  const decoded = read('text', () => decodeBase64Url(spelled))
  if (decoded !== undefined) expectSame('text', encodeBase64Url(decoded), spelled, utf8(spelled))
  const grant = utf8(JSON.stringify(grantDocument(GRANT)))
  read('grant', () => parseGrant(mutate(random, grant)))
  const policy = new TextDecoder('latin1').decode(mutate(random, utf8(DEFAULT_POLICY_TEXT)))
  const parsed = read('policy', () => parsePolicy(policy))
  const sum = parsed?.carriers.reduce((total, { probability }) => total + probability, 0) ?? 1
  expectSame('sum of probabilities', Math.abs(sum - 1) < 1.1e-6, true, utf8(policy))
}

/** Everything but the padding, and but the nonce of version 1, is as it was made. */
function isOneOfOurs(bytes: Uint8Array): boolean {
  const without = (ticket: Uint8Array): string =>
    toHex(ticket.subarray(0, ticket[0] === 1 ? 41 : 73)) + toHex(ticket.subarray(73, 105))
  return TICKETS.some((ticket) => without(ticket) === without(bytes))
}
