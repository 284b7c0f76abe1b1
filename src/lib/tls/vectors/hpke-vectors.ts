/** Vectors of HPKE (RFC 9180 appendix A) in the JSON form that its authors published, for what ECH is made with here. */
import { AivError, EMPTY, fromHex, SkippedVector, toHex, type VectorCheck } from '../../core/index.ts'
import {
  HPKE_AEAD,
  HPKE_KDF,
  HPKE_KEM,
  type HpkeAead,
  hpkeRecipient,
  hpkeSender,
} from '../../crypto/index.ts'
import { expectSame, type Fields, failing, isFields } from './documents.ts'

const BASE_MODE = 0
const AEADS: readonly unknown[] = Object.values(HPKE_AEAD)
/** Messages of one context. */
const MESSAGES_MOST = 10_000

interface Message {
  readonly aad: Uint8Array
  readonly plaintext: Uint8Array
  /** Undefined for a message that only fills a gap. */
  readonly published?: string
}

export function hpkeChecks(document: readonly unknown[]): readonly VectorCheck[] {
  return document.map((vector, index) => {
    const id = `hpke ${index + 1}`
    return isFields(vector) ? { id, run: async () => await judge(vector) } : failing(id, 'no object')
  })
}

async function judge(vector: Fields): Promise<void> {
  const aead = known(vector)
  const info = hex(vector, 'info')
  const messages = messagesOf(vector.encryptions)
  const ephemeral = hex(vector, 'skEm')
  const sender = await hpkeSender(aead, hex(vector, 'pkRm'), info, { bytes: () => ephemeral.slice() })
  expectSame(toHex(sender.enc), vector.enc)
  const recipient = await hpkeRecipient(aead, hex(vector, 'skRm'), sender.enc, info)
  for (const { aad, plaintext, published } of messages) {
    const sealed = sender.seal(aad, plaintext)
    if (published !== undefined) expectSame(toHex(sealed), published)
    const opened = await recipient?.open(aad, sealed)
    expectSame(opened && toHex(opened), toHex(plaintext))
  }
}

/** @throws SkippedVector for what ECH is not made with here */
function known({ mode, kem_id: kem, kdf_id: kdf, aead_id: aead }: Fields): HpkeAead {
  if (mode !== BASE_MODE || kem !== HPKE_KEM.x25519 || kdf !== HPKE_KDF.hkdfSha256 || !AEADS.includes(aead))
    throw new SkippedVector(`mode ${mode}, KEM ${kem}, KDF ${kdf}, AEAD ${aead} have no part in ECH here`)
  return aead as HpkeAead
}

/** In their order; `sequence` says where one stands that does not follow the one before it. */
function messagesOf(encryptions: unknown): readonly Message[] {
  if (!Array.isArray(encryptions) || encryptions.length === 0) throw new Error('a vector without encryptions')
  const messages: Message[] = []
  for (const entry of encryptions as readonly unknown[]) {
    if (!isFields(entry)) throw new Error('an encryption that is no object')
    const { sequence = messages.length, ct } = entry
    if (typeof sequence !== 'number' || sequence < messages.length || sequence >= MESSAGES_MOST)
      throw new Error(`the sequence number ${String(sequence)} after ${messages.length} messages`)
    while (messages.length < sequence) messages.push({ aad: EMPTY, plaintext: EMPTY })
    messages.push({ aad: hex(entry, 'aad'), plaintext: hex(entry, 'pt'), published: String(ct) })
  }
  return messages
}

function hex(fields: Fields, name: string): Uint8Array {
  const text = fields[name]
  if (typeof text !== 'string') throw new AivError('E_MALFORMED', `a vector without ${name}`)
  return fromHex(text)
}
