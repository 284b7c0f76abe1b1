/**
 * Reads Noise test vectors as cacophony, noise-c and the hybrid (hfs) vectors publish them: JSON objects with
 * `init_` and `resp_` keys and a list of messages in hex.
 */
import { AivError, fromHex, SkippedVector } from '../core/index.ts'

export interface VectorParty {
  readonly prologue: Uint8Array
  readonly staticKey: Uint8Array | undefined
  readonly ephemeralKey: Uint8Array | undefined
  readonly remoteStatic: Uint8Array | undefined
  readonly psks: readonly Uint8Array[]
  readonly kemSeed: Uint8Array | undefined
  readonly kemMessage: Uint8Array | undefined
}

export interface VectorMessage {
  readonly payload: Uint8Array
  readonly ciphertext: Uint8Array
}

export interface NoiseVector {
  readonly protocol: string
  /** Protocol of the first message, which fails, where the vector shows a fallback. */
  readonly failedProtocol: string | undefined
  readonly initiator: VectorParty
  readonly responder: VectorParty
  readonly messages: readonly VectorMessage[]
  readonly handshakeHash: Uint8Array | undefined
  readonly k1: Uint8Array | undefined
  readonly k2: Uint8Array | undefined
}

type Fields = Readonly<Record<string, unknown>>

const malformed = (reason: string): AivError => new AivError('E_MALFORMED', reason)

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw malformed(`${name} is not a string`)
  return value
}

function hex(fields: Fields, name: string): Uint8Array | undefined {
  const value = text(fields, name)
  if (value === undefined) return undefined
  try {
    return fromHex(value)
  } catch (cause) {
    throw new AivError('E_MALFORMED', `${name} is not hex`, { cause })
  }
}

function requiredHex(fields: Fields, name: string): Uint8Array {
  const value = hex(fields, name)
  if (value === undefined) throw malformed(`${name} is missing`)
  return value
}

function psks(fields: Fields, side: string): Uint8Array[] {
  const list = fields[`${side}_psks`] ?? []
  if (!Array.isArray(list)) throw malformed(`${side}_psks is not a list`)
  return list.map((value: unknown, i) => requiredHex({ [`${side}_psks[${i}]`]: value }, `${side}_psks[${i}]`))
}

function party(fields: Fields, side: 'init' | 'resp'): VectorParty {
  return {
    prologue: requiredHex(fields, `${side}_prologue`),
    staticKey: hex(fields, `${side}_static`),
    ephemeralKey: hex(fields, `${side}_ephemeral`),
    remoteStatic: hex(fields, `${side}_remote_static`),
    psks: psks(fields, side),
    kemSeed: hex(fields, `${side}_kem_seed_d_z`),
    kemMessage: hex(fields, `${side}_kem_encapsulation_m`),
  }
}

function messages(fields: Fields): VectorMessage[] {
  const list = fields.messages
  if (!Array.isArray(list) || list.length === 0) throw malformed('messages is not a list with entries')
  return list.map((message: unknown) => {
    if (!isFields(message)) throw malformed('a message is not an object')
    return { payload: requiredHex(message, 'payload'), ciphertext: requiredHex(message, 'ciphertext') }
  })
}

/** The name a report gives the vector: its protocol, whatever else is wrong with it. */
export function protocolNameOf(value: unknown): string | undefined {
  if (!isFields(value)) return undefined
  const name = value.protocol_name ?? value.name
  return typeof name === 'string' ? name : undefined
}

/**
 * Reads one vector.
 * @throws AivError `E_MALFORMED`; SkippedVector when it asks for something only old revisions had
 */
export function parseVector(value: unknown): NoiseVector {
  if (!isFields(value)) throw malformed('the vector is not an object')
  const protocol = protocolNameOf(value)
  if (protocol === undefined) throw malformed('the vector names no protocol')
  for (const old of ['init_psk', 'resp_psk', 'psk', 'fail'])
    if (old in value) throw new SkippedVector(`the field ${old} is of a revision before 34`)
  const isFallback = value.fallback ?? false
  if (typeof isFallback !== 'boolean') throw malformed('fallback is not true or false')
  // noise-c names the pattern that fails separately; the rest of the name is that of the fallback.
  const failedProtocol = isFallback
    ? ['Noise', text(value, 'pattern'), ...protocol.split('_').slice(2)].join('_')
    : undefined
  return {
    protocol,
    failedProtocol,
    initiator: party(value, 'init'),
    responder: party(value, 'resp'),
    messages: messages(value),
    handshakeHash: hex(value, 'handshake_hash'),
    k1: hex(value, 'split_k1'),
    k2: hex(value, 'split_k2'),
  }
}
