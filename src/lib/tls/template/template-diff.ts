/** What two templates say differently. */
import { toHex } from '../../core/index.ts'
import type { Code, ExtensionContent, ExtensionTemplate, HelloTemplate } from './template.ts'
import { codeText } from './template-json.ts'
import { trustAnchorListName } from './trust-anchors.ts'

export interface TemplateDifference {
  /** Such as `cipher_suites` or `extension 44cd`. */
  readonly field: string
  /** What each says, for people; undefined where it has no such extension. */
  readonly left: string | undefined
  readonly right: string | undefined
}

/** Empty when both stand for the same hellos, whatever versions they name. */
export function diffTemplates(left: HelloTemplate, right: HelloTemplate): readonly TemplateDifference[] {
  const [leftFields, rightFields] = [fieldsOf(left), fieldsOf(right)]
  const names = new Set([...leftFields.keys(), ...rightFields.keys()])
  return [...names].flatMap((field) => {
    const [a, b] = [leftFields.get(field), rightFields.get(field)]
    return a === b ? [] : [{ field, left: a, right: b }]
  })
}

function fieldsOf({ extensionOrder, cipherSuites, extensions }: HelloTemplate): ReadonlyMap<string, string> {
  const order = extensionOrder === 'fixed' ? extensions.map(nameOf).join(' ') : 'shuffled'
  return new Map([
    ['extension_order', order],
    ['cipher_suites', listText(cipherSuites)],
    ...extensions.map((extension) => [`extension ${nameOf(extension)}`, extensionText(extension)] as const),
  ])
}

/** A template has two extensions of GREASE, which differ in their bodies. */
function nameOf({ type, content }: ExtensionTemplate): string {
  return type === 'GREASE' && content.kind === 'fixed'
    ? `GREASE of ${content.body.length} bytes`
    : codeText(type)
}

function extensionText({ optional, content }: ExtensionTemplate): string {
  return `${contentText(content)}${optional === true ? ', not in every hello' : ''}`
}

/** One line for people. */
export function contentText(content: ExtensionContent): string {
  switch (content.kind) {
    case 'fixed':
      return content.body.length === 0 ? 'empty' : toHex(content.body)
    case 'supported_groups':
    case 'signature_algorithms':
    case 'supported_versions':
      return listText(content.list)
    case 'key_share':
      return `${listText(content.list)}, ${content.x25519 === 'shared' ? 'one X25519 key in all' : 'each with its own keys'}`
    case 'alpn':
      return content.protocols.join(' ')
    case 'application_settings':
      return `${content.protocols.join(' ')}, sent with ${content.when === 'any' ? 'any protocol' : 'h2'}`
    case 'grease_ech':
      return `kdf ${codeText(content.kdf)}, aead ${content.aeads.map(codeText).join(' or ')}, ${content.enc === 'x25519' ? 'a key' : 'random bytes'} and a payload of ${content.payloadBytes.join(', ')} bytes`
    case 'trust_anchors': {
      const name = trustAnchorListName(content.ids)
      const which =
        name === undefined ? content.ids.map(toHex).join(' ') : `all ${content.ids.length} of ${name}`
      return `${which}, ${content.order === 'sorted' ? 'sorted' : 'in an order drawn at the start of the browser'}`
    }
    case 'padding':
      return `to ${content.to} bytes of hello`
    case 'server_name':
      return 'name of the server'
    case 'session_ticket':
      return 'empty, or a ticket'
    case 'quic_transport_parameters':
      return 'parameters of the connection'
  }
}

function listText(list: readonly Code[]): string {
  return list.map(codeText).join(' ')
}
