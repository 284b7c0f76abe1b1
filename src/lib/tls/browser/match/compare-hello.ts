/** A hello against a template: everything that an onlooker can check. */
import { equal, isAllZero, latin1, toHex } from '../../../core/index.ts'
import { HANDSHAKE_HEADER_BYTES } from '../../handshake-header.ts'
import { type ClientHello, encodeClientHello } from '../../hello/client-hello.ts'
import {
  alpnProtocols,
  extensionBody,
  serverName,
  signatureAlgorithms,
  supportedGroups,
  supportedVersions,
} from '../../hello/extensions.ts'
import type { ExtensionContent, ExtensionTemplate, HelloTemplate } from '../template/template.ts'
import { codeText } from '../template/template-json.ts'
import { compareList, masked } from './code-lists.ts'
import { compareAnchors } from './compare-anchors.ts'
import { compareEch } from './compare-ech.ts'
import { compareExtensions } from './compare-extensions.ts'
import { compareOccasional } from './compare-occasional.ts'
import { compareShares } from './compare-shares.ts'
import { compareSuites } from './compare-suites.ts'
import { rule, type Tell, version } from './tell.ts'

const LEGACY_VERSION = 0x0303
/** The compatibility mode of RFC 8446 appendix D.4, and its prohibition in QUIC (RFC 9001 section 8.4). */
const SESSION_ID_BYTES = { tcp: 32, quic: 0 } as const
/** Before the name: length of the list, type, length of the name. */
const NAME_HEADER_BYTES = 5
/** Whatever a URL may have as its host (WHATWG URL section 3.5), also a dot at the end, which browsers send along. */
const NAME = /^(?:[!"$&-.0-9;=_`a-z{}~]|%[0-9A-F]{2})+$/
const ADDRESS = /^[0-9.]+$/

/** What differs, broken rules first. Empty when such a browser may have sent it. */
export function compareHello(hello: ClientHello, template: HelloTemplate): readonly Tell[] {
  const tells = [
    ...compareFrame(hello, template),
    ...compareSuites(template.cipherSuites, hello.cipherSuites),
    ...compareExtensions(hello, template),
    ...compareOccasional(hello),
    ...template.extensions.flatMap((extension) => compareBody(extension, hello)),
  ]
  return [...tells.filter(({ kind }) => kind === 'rule'), ...tells.filter(({ kind }) => kind === 'version')]
}

function compareFrame(
  { version: legacy, random, sessionId, compressionMethods }: ClientHello,
  { transport }: HelloTemplate,
): readonly Tell[] {
  const sessionIdBytes = SESSION_ID_BYTES[transport]
  return [
    ...(legacy === LEGACY_VERSION
      ? []
      : [rule('legacy_version', codeText(LEGACY_VERSION), codeText(legacy))]),
    ...(sessionId.length === sessionIdBytes
      ? []
      : [rule('session_id', `${sessionIdBytes} bytes`, `${sessionId.length} bytes`)]),
    ...(sessionId.length > 0 && isAllZero(sessionId) ? [rule('session_id', 'noise', 'zeros')] : []),
    ...(isAllZero(random) ? [rule('random', 'noise', 'zeros')] : []),
    ...(toHex(compressionMethods) === '00'
      ? []
      : [rule('compression_methods', '00', toHex(compressionMethods))]),
  ]
}

/** Whether it has to be there is another question. */
function compareBody({ type, content }: ExtensionTemplate, hello: ClientHello): readonly Tell[] {
  if (type === 'GREASE') return compareGreaseBody(content, hello)
  const body = extensionBody(hello, type)
  return body === undefined ? [] : compareContent(type, content, body, hello)
}

/** Of the two, the first is empty. */
function compareGreaseBody(content: ExtensionContent, { extensions = [] }: ClientHello): readonly Tell[] {
  if (content.kind !== 'fixed') return []
  const grease = extensions.filter(({ type }) => masked([type])[0] === 'GREASE')
  const found = content.body.length === 0 ? grease[0] : grease.at(-1)
  if (found === undefined || equal(found.body, content.body)) return []
  return [rule('extensions', `GREASE with ${bytesText(content.body)}`, bytesText(found.body))]
}

function compareContent(
  type: number,
  content: ExtensionContent,
  body: Uint8Array,
  hello: ClientHello,
): readonly Tell[] {
  switch (content.kind) {
    case 'fixed':
      return equal(body, content.body)
        ? []
        : [version(`extension ${codeText(type)}`, bytesText(content.body), bytesText(body))]
    case 'server_name':
      return compareName(body, hello)
    case 'alpn':
      return compareProtocols(content.protocols, hello)
    case 'supported_groups':
      return compareList(content.kind, content.list, masked(supportedGroups(hello)))
    case 'signature_algorithms':
      return compareList(content.kind, content.list, masked(signatureAlgorithms(hello)))
    case 'supported_versions':
      return compareList(content.kind, content.list, masked(supportedVersions(hello) ?? []))
    case 'key_share':
      return compareShares(content, hello)
    case 'application_settings':
      return compareSettings(content, body, hello)
    case 'grease_ech':
      return compareEch(content, hello)
    case 'trust_anchors':
      return compareAnchors(content, hello)
    case 'padding':
      return comparePadding(content.to, body, hello)
    case 'session_ticket':
    case 'quic_transport_parameters':
      return []
  }
}

/** One name of a host, in lower case, and never an address. */
function compareName(body: Uint8Array, hello: ClientHello): readonly Tell[] {
  const name = latin1(serverName(hello) ?? new Uint8Array(0))
  const isWell = body.length === NAME_HEADER_BYTES + name.length && NAME.test(name) && !ADDRESS.test(name)
  return isWell ? [] : [rule('server_name', 'one name of a host in lower case', name === '' ? 'none' : name)]
}

/** A page offers all, other requests some of them in the same order. */
function compareProtocols(protocols: readonly string[], hello: ClientHello): readonly Tell[] {
  const found = alpnProtocols(hello).map(latin1)
  const listed = protocols.filter((protocol) => found.includes(protocol))
  const isPart =
    found.length > 0 && found.length === listed.length && found.every((name, i) => name === listed[i])
  return isPart ? [] : [rule('alpn', protocols.join(' '), found.join(' '))]
}

function compareSettings(
  { protocols, when }: Extract<ExtensionContent, { readonly kind: 'application_settings' }>,
  body: Uint8Array,
  hello: ClientHello,
): readonly Tell[] {
  const offered = alpnProtocols(hello).map(latin1)
  if (offered.length === 0 || (when === 'h2' && !offered.includes('h2')))
    return [rule('application_settings', 'not there without the protocol', 'there')]
  const names = protocols.flatMap((protocol) => [protocol.length, ...Buffer.from(protocol, 'latin1')])
  const expected = Uint8Array.of(names.length >>> 8, names.length, ...names)
  return equal(body, expected) ? [] : [rule('application_settings', toHex(expected), bytesText(body))]
}

/** Zeros that fill up to the length, or one byte where its header alone would reach it. */
function comparePadding(to: number, body: Uint8Array, hello: ClientHello): readonly Tell[] {
  const { extensions = [] } = hello
  // BoringSSL counts pre_shared_key, which stands behind it, as well.
  const length = HANDSHAKE_HEADER_BYTES + encodeClientHello({ ...hello, extensions }).length
  const isFilled = length === to || (body.length === 1 && length > to)
  return isFilled && isAllZero(body)
    ? []
    : [rule('padding', `zeros to ${to} bytes`, `${body.length} bytes, ${length} in all`)]
}

function bytesText(bytes: Uint8Array): string {
  const shown = toHex(bytes.subarray(0, 16))
  return bytes.length === 0 ? 'empty' : bytes.length > 16 ? `${shown}… (${bytes.length} bytes)` : shown
}
