/** The offline check behind `aiv htx ticket verify`. */
import { AivError, decodeBase32, fromHex, systemClock, toHex, unixSeconds } from '../../../core/index.ts'
import { decodeBase64Url, examineTicket, loadTicketKeys, parsePayload } from '../../../htx/index.ts'
import type { Fields } from '../../output.ts'

const UNBOUND = new Uint8Array(32)
const X_BYTES = 32
/** Bytes of a payload, and characters of its two texts. */
const RAW = { min: 129, max: 169 } as const
const HEX = /^\s*([0-9a-fA-F]{258,338})\s*$/
/** Largest input that is looked at, bytes. */
export const TICKET_INPUT_MOST = 4096

const REASONS = {
  malformed: 'it is not of a form or version that the listener takes',
  'unknown-key': 'its key is not in the file, or not valid now',
  'not-genuine': 'it was not made with the grant of its key within an hour of now',
} as const

export interface TicketJudgement {
  readonly genuine: boolean
  readonly document: Fields
  readonly text: string
}

/**
 * @param input a payload as bytes, or its base64url or hex text
 * @param x base32 of the listener's Noise key, which version 2 needs
 * @throws AivError what reading the key file throws, `E_USAGE` for a bad `x`
 */
export async function judgeTicket(
  input: Uint8Array,
  path: string,
  x: string | undefined,
): Promise<TicketJudgement> {
  const { keys } = await loadTicketKeys(path)
  const payload = payloadOf(input)
  const serverStatic = x === undefined ? UNBOUND : parseX(x)
  const judged = examineTicket(payload, keys, unixSeconds(systemClock), {
    binding: { serverStatic, bind32: UNBOUND },
    versions: [1, 2],
  })
  const shape = payload === undefined ? {} : shapeOf(payload)
  if (typeof judged === 'string') {
    const binds = shape.version === 2 ? '; version 2 also needs the right --x' : ''
    const text = `refused: ${REASONS[judged]}${binds}`
    return { genuine: false, document: { genuine: false, reason: judged, ...shape }, text }
  }
  const until = (judged.hour + 2) * 3600
  return {
    genuine: true,
    document: { genuine: true, ...shape, hour: judged.hour, verifies_until: until },
    text: `genuine: version ${shape.version}, key ${shape.key_id}, verifies until ${new Date(until * 1000).toISOString()} unless it is used before`,
  }
}

function shapeOf(payload: Uint8Array): { readonly version?: number; readonly key_id?: string } {
  try {
    const { version, keyId } = parsePayload(payload)
    return { version, key_id: toHex(keyId) }
  } catch {
    return {}
  }
}

function payloadOf(input: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('latin1')
  const hex = HEX.exec(text)?.[1]
  try {
    if (hex !== undefined && hex.length % 2 === 0) return fromHex(hex)
    if (input.length >= RAW.min && input.length <= RAW.max) return input
    return decodeBase64Url(text.trim())
  } catch {
    return undefined
  }
}

function parseX(text: string): Uint8Array {
  const x = decodeBase32(text)
  if (x.length === X_BYTES) return x
  throw new AivError('E_USAGE', '--x takes the x of the address of the listener')
}
