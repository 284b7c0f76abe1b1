/** What two templates say differently. */
import { compare, toHex } from '../../../core/index.ts'
import {
  type Code,
  type ExtensionContent,
  type ExtensionTemplate,
  type HelloTemplate,
  isMoved,
} from './template.ts'
import { codeText, contentDocument } from './template-json.ts'
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
  return [
    ...difference('transport', left.transport, right.transport),
    ...difference('extension_order', orderText(left, right), orderText(right, left)),
    ...difference('cipher_suites', listText(left.cipherSuites), listText(right.cipherSuites)),
    ...extensionDifferences(left.extensions, right.extensions),
  ]
}

function difference(field: string, left: string, right: string): readonly TemplateDifference[] {
  return left === right ? [] : [{ field, left, right }]
}

/** Of the extensions that both have: one that only one has is a difference of its own. */
function orderText({ extensionOrder, extensions }: HelloTemplate, other: HelloTemplate): string {
  const known = new Set(other.extensions.map(nameOf))
  const names: string[] = []
  let moved = 0
  const endRun = (): void => {
    if (moved > 0) names.push(`${moved} shuffled`)
    moved = 0
  }
  for (const extension of extensions.filter((each) => known.has(nameOf(each)))) {
    if (extensionOrder === 'shuffled' && isMoved(extension)) {
      moved++
      continue
    }
    endRun()
    names.push(nameOf(extension))
  }
  endRun()
  return names.join(' ')
}

function extensionDifferences(
  left: readonly ExtensionTemplate[],
  right: readonly ExtensionTemplate[],
): readonly TemplateDifference[] {
  const [ours, theirs] = [byName(left), byName(right)]
  return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((name) => {
    const [a, b] = [ours.get(name), theirs.get(name)]
    if (a !== undefined && b !== undefined && meaningOf(a) === meaningOf(b)) return []
    return [{ field: `extension ${name}`, left: a && extensionText(a), right: b && extensionText(b) }]
  })
}

function byName(extensions: readonly ExtensionTemplate[]): ReadonlyMap<string, ExtensionTemplate> {
  return new Map(extensions.map((extension) => [nameOf(extension), extension]))
}

/** A template has two extensions of GREASE at most: an empty one and one with a body. */
function nameOf({ type, content }: ExtensionTemplate): string {
  if (type !== 'GREASE') return codeText(type)
  return content.kind === 'fixed' && content.body.length === 0 ? 'GREASE (empty)' : 'GREASE (not empty)'
}

/** The same for what gives the same hellos. */
function meaningOf({ optional, content }: ExtensionTemplate): string {
  return JSON.stringify([optional === true, contentDocument(settled(content))])
}

/** What is sorted or drawn from has no order of its own, and what is not proved is not sent. */
function settled(content: ExtensionContent): ExtensionContent {
  switch (content.kind) {
    case 'trust_anchors':
      return { ...content, ids: content.ids.toSorted(compare) }
    case 'grease_ech':
      return { ...content, aeads: sorted(content.aeads), payloadBytes: sorted(content.payloadBytes) }
    case 'application_settings':
      return content.when === 'unproved' ? { ...content, when: 'h2' } : content
    default:
      return content
  }
}

function sorted(numbers: readonly number[]): readonly number[] {
  return numbers.toSorted((a, b) => a - b)
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
