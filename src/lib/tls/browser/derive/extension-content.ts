/** What a template says of an extension, from its bodies in all hellos that have it. */
import { AivError, compare, equal, fromUtf8, isAivError, toHex } from '../../../core/index.ts'
import { HANDSHAKE_HEADER_BYTES } from '../../handshake-header.ts'
import { ByteReader, u16List } from '../../hello/byte-reader.ts'
import { type ClientHello, encodeClientHello } from '../../hello/client-hello.ts'
import { alpnProtocols, EXTENSION, extensionBody, keyShares, trustAnchors } from '../../hello/extensions.ts'
import { ENC_AT, outerEch } from '../../hello/outer-ech.ts'
import { masked } from '../match/code-lists.ts'
import { x25519Of } from '../match/compare-shares.ts'
import { mayBeX25519 } from '../match/public-keys.ts'
import type { Code, CodeList, ExtensionContent } from '../template/template.ts'
import { codeText } from '../template/template-json.ts'
import { undescribed } from './undescribed.ts'

const H2 = 'h2'

/**
 * @param hellos all of them, also those without the extension
 * @throws AivError `E_UNSUPPORTED` when they follow no rule that a template can say
 */
export function contentOf(type: number, hellos: readonly ClientHello[]): ExtensionContent {
  const owners = hellos.filter((hello) => extensionBody(hello, type) !== undefined)
  const bodies = owners.map((hello) => extensionBody(hello, type) as Uint8Array)
  try {
    return READERS.get(type)?.(bodies, owners) ?? fixed(bodies)
  } catch (error) {
    if (!isAivError(error, 'E_MALFORMED')) throw error
    throw undescribed(`extension ${codeText(type)}: ${error.message}`)
  }
}

/** @throws AivError `E_MALFORMED` when the bodies follow no rule; {@link contentOf} says which extension it was */
type Reader = (bodies: readonly Uint8Array[], owners: readonly ClientHello[]) => ExtensionContent

const READERS: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [EXTENSION.serverName, () => ({ kind: 'server_name' })],
  [EXTENSION.sessionTicket, () => ({ kind: 'session_ticket' })],
  [EXTENSION.alpn, alpn],
  [EXTENSION.supportedGroups, codeList('supported_groups')],
  [EXTENSION.signatureAlgorithms, codeList('signature_algorithms')],
  [EXTENSION.supportedVersions, codeList('supported_versions')],
  [EXTENSION.keyShare, keyShare],
  [EXTENSION.applicationSettingsOld, applicationSettings],
  [EXTENSION.applicationSettings, applicationSettings],
  [EXTENSION.encryptedClientHello, greaseEch],
  [EXTENSION.trustAnchors, anchors],
  [EXTENSION.padding, padding],
])

function fixed(bodies: readonly Uint8Array[]): ExtensionContent {
  return { kind: 'fixed', body: only(bodies, toHex, 'its body is another one in each hello') }
}

/** The one value that all have. */
function only<T>(values: readonly T[], key: (value: T) => string, otherwise: string): T {
  const [first] = values
  if (first === undefined || new Set(values.map(key)).size > 1) throw new AivError('E_MALFORMED', otherwise)
  return first
}

function codesKey(codes: readonly Code[]): string {
  return codes.map(codeText).join(' ')
}

function codeList(kind: CodeList): Reader {
  return (bodies) => {
    const lists = bodies.map((body) => {
      const reader = new ByteReader(body)
      const list = u16List(kind === 'supported_versions' ? reader.vector8() : reader.vector16())
      reader.end()
      return masked(list)
    })
    return { kind, list: only(lists, codesKey, 'its list is another one in each hello') }
  }
}

/** That of a page: the longest, of which other requests offer a part. */
function alpn(_: readonly Uint8Array[], owners: readonly ClientHello[]): ExtensionContent {
  const lists = owners.map((hello) => alpnProtocols(hello).map(fromUtf8))
  const most = Math.max(...lists.map((list) => list.length))
  const longest = lists.filter((list) => list.length === most)
  const protocols = only(longest, (list) => list.join(' '), 'its list is another one in each hello')
  return { kind: 'alpn', protocols }
}

function keyShare(_: readonly Uint8Array[], owners: readonly ClientHello[]): ExtensionContent {
  const shares = owners.map((hello) => {
    const list = keyShares(hello)
    if (list === undefined) throw new AivError('E_MALFORMED', 'it has no list of shares')
    return list
  })
  const lists = shares.map((list) => masked(list.map(({ group }) => group)))
  const reuse = shares.map((list) => {
    const [first, second] = list.flatMap((share) => x25519Of(share) ?? [])
    return first !== undefined && second !== undefined && equal(first, second) ? 'shared' : 'fresh'
  })
  return {
    kind: 'key_share',
    list: only(lists, codesKey, 'its groups are others in each hello'),
    x25519: only(reuse, (each) => each, 'an X25519 key is used twice in some hellos only'),
  }
}

function applicationSettings(
  bodies: readonly Uint8Array[],
  owners: readonly ClientHello[],
): ExtensionContent {
  const body = only(bodies, toHex, 'its body is another one in each hello')
  const list = new ByteReader(new ByteReader(body).vector16())
  const protocols: string[] = []
  while (list.left > 0) protocols.push(fromUtf8(list.vector8()))
  const isAlwaysWithH2 = owners.every((hello) => alpnProtocols(hello).some((name) => fromUtf8(name) === H2))
  return { kind: 'application_settings', protocols, when: isAlwaysWithH2 ? H2 : 'any' }
}

function greaseEch(bodies: readonly Uint8Array[], owners: readonly ClientHello[]): ExtensionContent {
  const outer = owners.map((hello) => {
    const ech = outerEch(hello)
    if (ech === undefined) throw new AivError('E_MALFORMED', 'it is no outer hello')
    return ech
  })
  const { kdf, encBytes } = only(
    outer,
    (ech) => [ech.kdf, ech.encBytes].join(' '),
    'its key derivation is another one in each hello',
  )
  const areKeys = bodies.every((body) => mayBeX25519(body.subarray(ENC_AT, ENC_AT + encBytes)))
  const aeads = distinct(outer.map(({ aead }) => aead))
  const payloadBytes = distinct(outer.map((ech) => ech.payloadBytes))
  return { kind: 'grease_ech', kdf, aeads, enc: areKeys ? 'x25519' : 'random', payloadBytes }
}

function distinct(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].toSorted((a, b) => a - b)
}

/** Of one run of the browser: an order that it draws at its start is the same in all. */
function anchors(bodies: readonly Uint8Array[], owners: readonly ClientHello[]): ExtensionContent {
  const body = only(bodies, toHex, 'its body is another one in each hello')
  const ids = trustAnchors(owners[0] as ClientHello)
  if (ids === undefined) throw new AivError('E_MALFORMED', 'it has no list of identifiers')
  // A list of none is asked for by its name only.
  if (ids.length === 0) return { kind: 'fixed', body }
  const sorted = ids.toSorted(compare)
  const isSorted = ids.every((id, index) => id === sorted[index])
  return { kind: 'trust_anchors', ids: sorted, order: isSorted ? 'sorted' : 'process' }
}

/** A body of one byte says that the length was reached without it. */
function padding(bodies: readonly Uint8Array[], owners: readonly ClientHello[]): ExtensionContent {
  const lengths = owners
    .filter((_, index) => (bodies[index] as Uint8Array).length > 1)
    .map((hello) => HANDSHAKE_HEADER_BYTES + encodeClientHello(hello).length)
  return { kind: 'padding', to: only(lengths, String, 'hellos are padded to different lengths') }
}
