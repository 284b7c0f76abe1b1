/** Opens an outer hello with the key of its configuration, as the server does (RFC 9849 section 7.1). */
import { AivError, concat, utf8 } from '../../core/index.ts'
import { HPKE_KDF, type HpkeRecipient, hpkeRecipient } from '../../crypto/index.ts'
import type { ClientHello } from '../hello/client-hello.ts'
import { isKnownAead } from './choose-config.ts'
import type { ListedConfig } from './ech-config.ts'
import { decodeInnerHello } from './inner-hello.ts'
import { type OuterHello, parseOuterHello } from './outer-hello.ts'

const INFO = utf8('tls ech\0')

export interface OpenedHello {
  /** EncodedClientHelloInner, with its padding. */
  readonly encoded: Uint8Array
  /** What the client means, with the extensions and the session id of the outer hello. */
  readonly inner: ClientHello
  readonly outer: OuterHello
  /** Opens the second hello, after a HelloRetryRequest. */
  readonly context: HpkeRecipient
}

/** `info` of HPKE for a configuration. */
export function echInfo(config: Uint8Array): Uint8Array {
  return concat(INFO, config)
}

/**
 * @param body of the outer hello, without the 4-byte header
 * @param privateKey 32 bytes
 * @param configs those that belong to the key are tried, without regard to a config_id that a client may have drawn
 * @returns undefined when it was not encrypted to the key: another one's, or GREASE
 * @throws AivError `E_MALFORMED` for a hello without ECH, or that opens to what a server must refuse
 */
export async function openHello(
  body: Uint8Array,
  privateKey: Uint8Array,
  configs: readonly ListedConfig[],
): Promise<OpenedHello | undefined> {
  const outer = parseOuterHello(body)
  const { suite, enc } = outer
  if (suite.kdf !== HPKE_KDF.hkdfSha256 || !isKnownAead(suite.aead)) return undefined
  for (const { config, bytes } of configs) {
    if (!config?.suites.some(({ kdf, aead }) => kdf === suite.kdf && aead === suite.aead)) continue
    const context = await hpkeRecipient(suite.aead, privateKey, enc, echInfo(bytes))
    const opened = context && (await openWith(outer, context))
    if (opened !== undefined) return opened
  }
  return undefined
}

/**
 * Opens the second hello of a client.
 * @param first its first hello, of whose context this is the next message
 * @returns undefined when it is not that
 * @throws AivError `E_MALFORMED`, also when it does not go on with what the first one began (RFC 9849 section 7.1.1)
 */
export async function openSecondHello(
  body: Uint8Array,
  first: OpenedHello,
): Promise<OpenedHello | undefined> {
  const outer = parseOuterHello(body)
  const { suite, configId, enc } = outer
  const before = first.outer
  const goesOn =
    suite.kdf === before.suite.kdf &&
    suite.aead === before.suite.aead &&
    configId === before.configId &&
    enc.length === 0
  if (!goesOn) throw new AivError('E_MALFORMED', 'the second hello does not go on with the ECH of the first')
  return await openWith(outer, first.context)
}

async function openWith(outer: OuterHello, context: HpkeRecipient): Promise<OpenedHello | undefined> {
  const encoded = await context.open(outer.aad, outer.payload)
  if (encoded === undefined) return undefined
  return { encoded, inner: decodeInnerHello(encoded, outer.hello), outer, context }
}
