/** What a template must keep to for its hellos to be hellos (RFC 8446 section 4). */
import { AivError } from '../../../core/index.ts'
import { isGrease } from '../../hello/grease.ts'
import type { Code, ExtensionContent, ExtensionTemplate } from './template.ts'

type Kind = ExtensionContent['kind']

const TYPES: Readonly<Record<Exclude<Kind, 'fixed'>, readonly number[]>> = {
  server_name: [0x0000],
  supported_groups: [0x000a],
  // Those of delegated credentials and of certificates are lists of the same form.
  signature_algorithms: [0x000d, 0x0022, 0x0032],
  alpn: [0x0010],
  padding: [0x0015],
  session_ticket: [0x0023],
  supported_versions: [0x002b],
  key_share: [0x0033],
  quic_transport_parameters: [0x0039],
  application_settings: [0x4469, 0x44cd],
  trust_anchors: [0xca34],
  grease_ech: [0xfe0d],
}

/** With a body of their own they would send a name that nobody asked for, or a key that nobody has. */
const NEVER_FIXED: readonly Kind[] = ['server_name', 'alpn', 'key_share']

/** @throws AivError `E_MALFORMED` */
export function checkExtensions(extensions: readonly ExtensionTemplate[]): void {
  for (const [index, extension] of extensions.entries()) {
    checkType(extension, `extension ${index + 1}`)
    if (extension.content.kind === 'padding' && index !== extensions.length - 1)
      throw malformed(`extension ${index + 1}: padding stands behind all others`)
  }
  const places = extensions.map(placeOf)
  const twice = places.find((place, index) => places.indexOf(place) !== index)
  if (twice !== undefined) throw malformed(`two extensions are ${twice}`)
  checkShares(extensions)
}

function checkType({ type, content: { kind } }: ExtensionTemplate, name: string): void {
  if (type === 'GREASE') {
    if (kind !== 'fixed') throw malformed(`${name}: one of GREASE has nothing but a body`)
    return
  }
  // As a number it would at times be the one that is drawn for the other.
  if (isGrease(type)) throw malformed(`${name}: a type of RFC 8701 is written GREASE`)
  const isRight = kind === 'fixed' ? !NEVER_FIXED.some((each) => isTypeOf(each, type)) : isTypeOf(kind, type)
  if (!isRight) throw malformed(`${name}: its type does not go with what is in it`)
}

function isTypeOf(kind: Kind, type: number): boolean {
  return kind !== 'fixed' && TYPES[kind].includes(type)
}

/** Two of GREASE get values of their own: one is empty, the other is not. */
function placeOf({ type, content }: ExtensionTemplate): string {
  if (type !== 'GREASE') return `of type ${type.toString(16).padStart(4, '0')}`
  return content.kind === 'fixed' && content.body.length === 0
    ? 'empty and of GREASE'
    : 'of GREASE with a body'
}

/** RFC 8446 section 4.2.8. */
function checkShares(extensions: readonly ExtensionTemplate[]): void {
  const groups = new Set<Code>()
  for (const { content } of extensions)
    if (content.kind === 'supported_groups') for (const group of content.list) groups.add(group)
  for (const { content } of extensions) {
    if (content.kind !== 'key_share') continue
    if (new Set(content.list).size !== content.list.length)
      throw malformed('a group has two shares in key_share')
    if (!content.list.every((group) => groups.has(group)))
      throw malformed('a group of key_share is not among the supported_groups')
  }
}

function malformed(message: string): AivError {
  return new AivError('E_MALFORMED', message)
}
