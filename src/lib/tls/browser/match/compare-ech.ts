/** encrypted_client_hello against the rules of BoringSSL and NSS for one without meaning, and for a real one. */

import { EMPTY, equal, isAllZero } from '../../../core/index.ts'
import type { ClientHello } from '../../hello/client-hello.ts'
import { EXTENSION, extensionBody, keyShares } from '../../hello/extensions.ts'
import { ENC_AT, ENC_BYTES, outerEch } from '../../hello/outer-ech.ts'
import type { GreaseEchContent } from '../template/template.ts'
import { codeText } from '../template/template-json.ts'
import { x25519Of } from './compare-shares.ts'
import { greaseEchAead, prefersChaCha } from './compare-suites.ts'
import { mayBeX25519 } from './public-keys.ts'
import { rule, type Tell } from './tell.ts'

const FIELD = 'encrypted_client_hello'
/** An inner hello is padded to a multiple of this before a tag of 16 bytes is added (RFC 9849 section 6.1.3). */
const PADDED_TO = 32
const TAG_BYTES = 16

export function compareEch(content: GreaseEchContent, hello: ClientHello): readonly Tell[] {
  const ech = outerEch(hello)
  if (ech === undefined) return [rule(FIELD, 'an outer hello', 'something else')]
  const { kdf, aead, encBytes, payloadBytes } = ech
  const aeads = prefersChaCha(hello.cipherSuites) ? [greaseEchAead(hello.cipherSuites)] : content.aeads
  return [
    ...(kdf === content.kdf ? [] : [rule(FIELD, `kdf ${codeText(content.kdf)}`, codeText(kdf))]),
    // In BoringSSL both follow from whether the machine has instructions for AES.
    ...(aeads.includes(aead)
      ? []
      : [rule(FIELD, `aead ${aeads.map(codeText).join(' or ')}, as the suites prefer it`, codeText(aead))]),
    ...(encBytes === ENC_BYTES
      ? []
      : [rule(FIELD, `an encapsulated key of ${ENC_BYTES} bytes`, `${encBytes}`)]),
    ...(content.enc === 'random' || isKey(hello, encBytes)
      ? []
      : [rule(FIELD, 'an X25519 key of its own', 'bytes that are none, or that of a share')]),
    ...(isAllZero(payloadOf(hello, payloadBytes))
      ? [rule(FIELD, 'a payload that looks like noise', 'zeros')]
      : []),
    ...(isPossibleSize(content, payloadBytes)
      ? []
      : [
          rule(
            FIELD,
            `a payload of ${content.payloadBytes.join(', ')} bytes, or a real one`,
            `${payloadBytes} bytes`,
          ),
        ]),
  ]
}

function isKey(hello: ClientHello, encBytes: number): boolean {
  if (encBytes !== ENC_BYTES) return true
  const key = bodyOf(hello).subarray(ENC_AT, ENC_AT + ENC_BYTES)
  const isShared = (keyShares(hello) ?? []).some((share) => equal(x25519Of(share) ?? EMPTY, key))
  return mayBeX25519(key) && !isShared
}

function payloadOf(hello: ClientHello, payloadBytes: number): Uint8Array {
  const body = bodyOf(hello)
  return body.subarray(body.length - payloadBytes)
}

function bodyOf(hello: ClientHello): Uint8Array {
  return extensionBody(hello, EXTENSION.encryptedClientHello) ?? EMPTY
}

/**
 * What was encrypted for real may be longer than any imitation, but not shorter, and is padded. NSS makes an imitation as
 * long as the inner hello would be, a byte less, so that it grows when a session is resumed: measured with Firefox 153.
 */
function isPossibleSize({ payloadBytes }: GreaseEchContent, found: number): boolean {
  if (payloadBytes.includes(found)) return true
  return (
    found > Math.max(...payloadBytes) &&
    [TAG_BYTES, ...payloadBytes].some((size) => (found - size) % PADDED_TO === 0)
  )
}
