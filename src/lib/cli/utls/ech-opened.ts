/** The inner hello of an input, opened. */
import { erase } from '../../crypto/index.ts'
import {
  type ClientHello,
  type FoundHello,
  findHellos,
  helloRecord,
  ja4,
  type OpenedHello,
  openHello,
  outerEch,
} from '../../tls/index.ts'
import type { Fields } from '../output.ts'
import type { EchKeys } from './ech-files.ts'
import { hex4 } from './ech-lines.ts'
import { nameOf } from './hello-lines.ts'

const HANDSHAKE_HEADER_BYTES = 4
/** Hellos of one input that are tried. */
const HELLOS_MOST = 10_000

export interface OpenedRecord extends OpenedHello {
  /** The inner hello as the first record of a connection. */
  readonly record: Uint8Array
}

/**
 * The first hello over TCP that the key opens. The key is erased.
 * @throws AivError as {@link findHellos}, and `E_MALFORMED` for one that opens to what a server must refuse
 */
export async function openFirst(
  input: AsyncIterable<Uint8Array>,
  { privateKey, configs }: EchKeys,
  signal: AbortSignal,
): Promise<OpenedRecord | undefined> {
  const candidates: Uint8Array[] = []
  try {
    await findHellos(input, {
      onHello: (found) => {
        if (candidates.length < HELLOS_MOST && isCandidate(found)) candidates.push(found.message.slice())
      },
      signal,
    })
    for (const message of candidates) {
      signal.throwIfAborted()
      const opened = await openHello(message.subarray(HANDSHAKE_HEADER_BYTES), privateKey, configs)
      if (opened !== undefined) return { ...opened, record: helloRecord(opened.inner) }
    }
    return undefined
  } finally {
    erase(privateKey)
  }
}

export function openedFields({ encoded, inner, outer, record }: OpenedRecord): Fields {
  return {
    sni: nameOf(inner) ?? null,
    ja4: ja4(inner, 'tcp').ja4,
    outer_sni: nameOf(outer.hello) ?? null,
    outer_ja4: ja4(outer.hello, 'tcp').ja4,
    config_id: outer.configId,
    kdf: hex4(outer.suite.kdf),
    aead: hex4(outer.suite.aead),
    encoded,
    record,
  }
}

export function openedText({ inner, outer, record }: OpenedRecord): string {
  return `${record.length} bytes, ${describe(inner)}; outside ${describe(outer.hello)}`
}

function describe(hello: ClientHello): string {
  return `${nameOf(hello) ?? 'no name'}, ${ja4(hello, 'tcp').ja4}`
}

function isCandidate(found: FoundHello): boolean {
  return found.kind === 'client' && found.transport === 'tcp' && outerEch(found.hello) !== undefined
}
