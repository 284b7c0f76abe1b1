/** Templates as JSON: numbers of registries as four hexadecimal digits, bytes as hexadecimal. */
import { AivError, fromHex, toHex } from '../../../core/index.ts'
import { JsonReader } from './json-reader.ts'
import type {
  Browser,
  Code,
  CodeList,
  ExtensionContent,
  ExtensionTemplate,
  HelloTemplate,
} from './template.ts'
import { checkExtensions } from './template-rules.ts'
import { trustAnchorList, trustAnchorListName } from './trust-anchors.ts'

const FORMAT_VERSION = 1
const BROWSERS: readonly Browser[] = ['chrome', 'firefox']
/** TCP when a template does not say. */
const TRANSPORTS = ['tcp', 'quic'] as const
const CODE_LISTS: readonly CodeList[] = ['supported_groups', 'signature_algorithms', 'supported_versions']

/** More would not fit into a hello. */
const ITEMS_MOST = 256
const MAJOR_MOST = 9_999
const PADDING_MOST = 4_096
const ECH_PAYLOAD_MOST = 2_048

/**
 * Reads one template.
 * @throws AivError `E_MALFORMED` naming the field that is wrong, also for a template that no hello can keep to
 */
export function parseTemplate(document: unknown): HelloTemplate {
  const reader = new JsonReader(document, 'template')
  if (reader.integer('v', 1, Number.MAX_SAFE_INTEGER) !== FORMAT_VERSION)
    throw new AivError('E_MALFORMED', `a template of another format than ${FORMAT_VERSION}`)
  const versions = reader.object('versions')
  const first = versions.integer('first', 1, MAJOR_MOST)
  const trial = reader.optionalText('trial', /^.{1,200}$/)
  const template: HelloTemplate = {
    id: reader.text('id', /^[a-z0-9][a-z0-9.-]{0,63}$/),
    browser: reader.oneOf('browser', BROWSERS),
    transport: reader.has('transport') ? reader.oneOf('transport', TRANSPORTS) : 'tcp',
    versions: { first, last: versions.integer('last', first, MAJOR_MOST) },
    ...(trial === undefined ? {} : { trial }),
    source: reader.text('source', /^.{1,500}$/),
    extensionOrder: reader.oneOf('extension_order', ['shuffled', 'fixed'] as const),
    cipherSuites: codesOf(reader, 'cipher_suites'),
    extensions: reader.list('extensions', ITEMS_MOST).map(extensionOf),
  }
  versions.end()
  reader.end()
  checkExtensions(template.extensions)
  return template
}

function extensionOf(value: unknown, index: number): ExtensionTemplate {
  const reader = new JsonReader(value, `extension ${index + 1}`)
  const type = codeOf(reader.take('type'), reader.name)
  const optional = reader.optionalFlag('optional') ? ({ optional: true } as const) : {}
  const content: ExtensionContent = reader.has('body')
    ? { kind: 'fixed', body: reader.hex('body') }
    : contentOf(reader)
  reader.end()
  return { type, ...optional, content }
}

function contentOf(reader: JsonReader): ExtensionContent {
  const kind = reader.text('content', /^[a-z_0-9]{1,40}$/)
  const list = CODE_LISTS.find((name) => name === kind)
  if (list !== undefined) return { kind: list, list: codesOf(reader, 'list') }
  switch (kind) {
    case 'server_name':
    case 'session_ticket':
    case 'quic_transport_parameters':
      return { kind }
    case 'alpn':
      return { kind, protocols: protocolsOf(reader) }
    case 'key_share':
      return {
        kind,
        list: codesOf(reader, 'list'),
        x25519: reader.oneOf('x25519', ['fresh', 'shared'] as const),
      }
    case 'application_settings':
      return {
        kind,
        protocols: protocolsOf(reader),
        when: reader.oneOf('when', ['h2', 'any', 'unproved'] as const),
      }
    case 'grease_ech':
      return {
        kind,
        kdf: numberOf(reader.take('kdf'), reader.name),
        aeads: reader.list('aeads', ITEMS_MOST).map((value) => numberOf(value, `${reader.name}: aeads`)),
        enc: reader.oneOf('enc', ['x25519', 'random'] as const),
        payloadBytes: reader.integers('payload_bytes', 1, ECH_PAYLOAD_MOST, ITEMS_MOST),
      }
    case 'trust_anchors':
      return {
        kind,
        ids: anchorsOf(reader),
        order: reader.oneOf('order', ['sorted', 'process'] as const),
      }
    case 'padding':
      return { kind, to: reader.integer('to', 1, PADDING_MOST) }
    default:
      throw new AivError('E_MALFORMED', `${reader.name}: there is no content ${kind}`)
  }
}

function protocolsOf(reader: JsonReader): readonly string[] {
  return reader.texts('protocols', /^[\x21-\x7e]{1,255}$/, ITEMS_MOST)
}

function anchorsOf(reader: JsonReader): readonly Uint8Array[] {
  const ids = reader.take('ids')
  if (typeof ids === 'string') return trustAnchorList(ids)
  return reader.texts('ids', /^(?:[0-9a-f]{2}){1,255}$/, ITEMS_MOST).map(fromHex)
}

function codesOf(reader: JsonReader, field: string): readonly Code[] {
  return reader.list(field, ITEMS_MOST).map((value) => codeOf(value, `${reader.name}: ${field}`))
}

function codeOf(value: unknown, name: string): Code {
  return value === 'GREASE' ? value : numberOf(value, name)
}

function numberOf(value: unknown, name: string): number {
  if (typeof value !== 'string' || !/^[0-9a-f]{4}$/.test(value))
    throw new AivError('E_MALFORMED', `${name}: a number is not four hexadecimal digits in lower case`)
  return Number.parseInt(value, 16)
}

/** The document that {@link parseTemplate} reads. */
export function templateDocument(template: HelloTemplate): object {
  const { id, browser, transport, versions, trial, source, extensionOrder, cipherSuites, extensions } =
    template
  return {
    v: FORMAT_VERSION,
    id,
    browser,
    ...(transport === 'tcp' ? {} : { transport }),
    versions: { first: versions.first, last: versions.last },
    ...(trial === undefined ? {} : { trial }),
    source,
    extension_order: extensionOrder,
    cipher_suites: cipherSuites.map(codeText),
    extensions: extensions.map(({ type, optional, content }) => ({
      type: codeText(type),
      ...(optional === true ? { optional } : {}),
      ...contentDocument(content),
    })),
  }
}

/** One extension as it stands in the document, without its type. */
export function contentDocument(content: ExtensionContent): object {
  const { kind, ...fields } = content
  switch (content.kind) {
    case 'fixed':
      return { body: toHex(content.body) }
    case 'supported_groups':
    case 'signature_algorithms':
    case 'supported_versions':
      return { content: kind, list: content.list.map(codeText) }
    case 'key_share':
      return { content: kind, list: content.list.map(codeText), x25519: content.x25519 }
    case 'grease_ech':
      return {
        content: kind,
        kdf: codeText(content.kdf),
        aeads: content.aeads.map(codeText),
        enc: content.enc,
        payload_bytes: content.payloadBytes,
      }
    case 'trust_anchors':
      return {
        content: kind,
        ids: trustAnchorListName(content.ids) ?? content.ids.map(toHex),
        order: content.order,
      }
    default:
      return { content: kind, ...fields }
  }
}

/** As in a template: four hexadecimal digits, or GREASE. */
export function codeText(code: Code): string {
  return code === 'GREASE' ? code : code.toString(16).padStart(4, '0')
}
