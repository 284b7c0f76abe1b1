/** Hides a hello in another one, for both hellos of a connection (RFC 9849 sections 6.1 and 6.1.5). */
import { concat, EMPTY, type RandomSource, u16 } from '../../core/index.ts'
import { AEAD_TAG_BYTES, HPKE_KDF, type HpkeSender, hpkeSender, systemRandom } from '../../crypto/index.ts'
import {
  type BuiltHello,
  type HelloBuilder,
  type HelloRequest,
  helloMessage,
  helloRecord,
  type RetryRequest,
} from '../browser/build/build-hello.ts'
import { vector16 } from '../hello/byte-writer.ts'
import { type ClientHello, encodeClientHello } from '../hello/client-hello.ts'
import { EXTENSION } from '../hello/extensions.ts'
import type { ChosenConfig } from './choose-config.ts'
import { ECH_OUTER } from './constants.ts'
import { arrangedInner, requireRoomForInner } from './inner-arrangement.ts'
import { encodeInnerHello } from './inner-hello.ts'
import { echInfo } from './open-hello.ts'

const RANDOM_BYTES = 32

/** For one connection. */
export interface EchSetup {
  readonly chosen: ChosenConfig
  readonly sender: HpkeSender
  /** Of the inner hellos, 32 bytes. */
  readonly innerRandom: Uint8Array
}

export interface SealedHello {
  /** What onlookers see, with the public name, and the keys of the shares that both hellos have. */
  readonly outer: BuiltHello
  /** What the server works with when it opens it. */
  readonly inner: ClientHello
  /** With its 4-byte header: what the transcript begins with then. */
  readonly innerMessage: Uint8Array
}

/**
 * @param random makes it repeatable, and what is in it known to everybody who knows it; the system's when absent
 * @throws AivError `E_CRYPTO` for a configuration whose key is none
 */
export async function setUpEch(chosen: ChosenConfig, random: RandomSource = systemRandom): Promise<EchSetup> {
  const { config, bytes, aead } = chosen
  const sender = await hpkeSender(aead, config.publicKey, echInfo(bytes), random)
  return { chosen, sender, innerRandom: random.bytes(RANDOM_BYTES) }
}

/** What onlookers see in place of the name. */
export function publicNameOf({ config }: ChosenConfig): string {
  return Buffer.from(config.publicName).toString('latin1')
}

/**
 * The first hello of a connection.
 * @throws AivError `E_UNSUPPORTED` for a browser whose hellos have no ECH, or are padded; and what
 *   {@link HelloBuilder.build} throws
 */
export function sealHello(
  builder: HelloBuilder,
  setup: EchSetup,
  // An offer to resume would stand in the open, bound to what the server does not use.
  { host, alpn }: Pick<HelloRequest, 'host' | 'alpn'>,
): SealedHello {
  const built = builder.build({
    host: publicNameOf(setup.chosen),
    ...(alpn === undefined ? {} : { alpn }),
  })
  requireRoomForInner(built.hello)
  return sealed(built, setup, host, 'first')
}

/**
 * The second one, after a HelloRetryRequest that answers the first inner hello: the next message of the same context.
 * @throws AivError as {@link HelloBuilder.retry}
 */
export function sealSecondHello(
  builder: HelloBuilder,
  setup: EchSetup,
  first: SealedHello,
  { host, ...request }: RetryRequest & Pick<HelloRequest, 'host'>,
): SealedHello {
  return sealed(builder.retry(first.outer, request), setup, host, 'second')
}

function sealed(
  { hello, keys }: BuiltHello,
  { chosen, sender, innerRandom }: EchSetup,
  host: string,
  place: 'first' | 'second',
): SealedHello {
  const { config, aead } = chosen
  const { inner, compressed } = arrangedInner(hello, host, innerRandom)
  const encoded = encodeInnerHello(inner, compressed, config.maximumNameLength)
  const head = concat(
    Uint8Array.of(ECH_OUTER),
    u16(HPKE_KDF.hkdfSha256),
    u16(aead),
    Uint8Array.of(config.configId),
    vector16(place === 'first' ? sender.enc : EMPTY),
  )
  const outerWith = (payload: Uint8Array): ClientHello => withBody(hello, concat(head, vector16(payload)))
  // The associated data is the hello as it is sent, but with zeros where this ciphertext will stand.
  const aad = encodeClientHello(outerWith(new Uint8Array(encoded.length + AEAD_TAG_BYTES)))
  const outer = outerWith(sender.seal(aad, encoded))
  return {
    outer: { hello: outer, message: helloMessage(outer), record: helloRecord(outer, place), keys },
    inner,
    innerMessage: helloMessage(inner),
  }
}

function withBody(hello: ClientHello, body: Uint8Array): ClientHello {
  const extensions = (hello.extensions ?? []).map((extension) =>
    extension.type === EXTENSION.encryptedClientHello ? { ...extension, body } : extension,
  )
  return { ...hello, extensions }
}
