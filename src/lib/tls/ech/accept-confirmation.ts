/** The signal by which a server says that it used the inner hello (RFC 9849 sections 7.2 and 7.2.1). */
import { AivError, EMPTY, equal } from '../../core/index.ts'
import { type HkdfHash, hkdfExtract } from '../../crypto/index.ts'
import { HANDSHAKE_HEADER_BYTES } from '../handshake-header.ts'
import { ByteReader } from '../hello/byte-reader.ts'
import { EXTENSION } from '../hello/extensions.ts'
import { hkdfExpandLabel } from '../schedule/hkdf-expand-label.ts'
import { CONFIRMATION_BYTES } from './constants.ts'

/** Where the random of a ServerHello ends in its message. */
const RANDOM_END = HANDSHAKE_HEADER_BYTES + 2 + 32
const LABELS = {
  'server-hello': 'ech accept confirmation',
  'hello-retry-request': 'hrr ech accept confirmation',
} as const

export interface ConfirmationSource {
  readonly answer: keyof typeof LABELS
  /** Of the first inner hello, 32 bytes. */
  readonly innerRandom: Uint8Array
  /** Over the inner hellos and the answer, in which the signal is zeros: {@link zeroedConfirmation}. */
  readonly transcriptHash: Uint8Array
  /** Of the cipher suite that the answer selects. */
  readonly hash: HkdfHash
}

/** 8 bytes. */
export function acceptConfirmation({
  answer,
  innerRandom,
  transcriptHash,
  hash,
}: ConfirmationSource): Uint8Array {
  // No salt means as many zeros as the digest is long.
  const secret = hkdfExtract(innerRandom, EMPTY, hash)
  return hkdfExpandLabel(secret, LABELS[answer], transcriptHash, CONFIRMATION_BYTES, hash)
}

export interface AnswerConfirmation {
  /** What the server sent, 8 bytes; undefined in a HelloRetryRequest without it, which means that ECH was refused. */
  readonly sent: Uint8Array | undefined
  /** The message as it counts in the transcript of the signal. */
  readonly zeroed: Uint8Array
}

/**
 * @param message ServerHello or HelloRetryRequest with its 4-byte header
 * @throws AivError `E_MALFORMED`
 */
export function zeroedConfirmation(
  answer: ConfirmationSource['answer'],
  message: Uint8Array,
): AnswerConfirmation {
  const sent = answer === 'server-hello' ? endOfRandom(message) : retryConfirmation(message)
  if (sent === undefined) return { sent, zeroed: message }
  const at = sent.byteOffset - message.byteOffset
  return { sent, zeroed: message.slice().fill(0, at, at + CONFIRMATION_BYTES) }
}

/** Whether a server has used the inner hello. */
export function isAccepted(sent: Uint8Array | undefined, source: ConfirmationSource): boolean {
  return sent !== undefined && equal(sent, acceptConfirmation(source))
}

function endOfRandom(message: Uint8Array): Uint8Array {
  if (message.length < RANDOM_END) throw new AivError('E_MALFORMED', 'a ServerHello without its random')
  return message.subarray(RANDOM_END - CONFIRMATION_BYTES, RANDOM_END)
}

/** @returns a view of the message */
function retryConfirmation(message: Uint8Array): Uint8Array | undefined {
  const reader = new ByteReader(message.subarray(RANDOM_END))
  reader.vector8()
  reader.take(3)
  const list = new ByteReader(reader.left === 0 ? EMPTY : reader.vector16())
  while (list.left > 0) {
    const type = list.u16()
    const body = list.vector16()
    if (type !== EXTENSION.encryptedClientHello) continue
    if (body.length !== CONFIRMATION_BYTES)
      throw new AivError('E_MALFORMED', 'the confirmation in a HelloRetryRequest has not 8 bytes')
    return body
  }
  return undefined
}
