/** Which extensions a hello has, and in which order. */

import type { ClientHello } from '../../hello/client-hello.ts'
import { alpnProtocols, EXTENSION } from '../../hello/extensions.ts'
import type { Browser, Code, ExtensionTemplate, HelloTemplate } from '../template/template.ts'
import { listText, masked, sameCodes } from './code-lists.ts'
import { rule, type Tell, version } from './tell.ts'

/** Present when there is something to resume (RFC 8446 section 4.2), or to give back to a server. */
const OCCASIONAL: readonly Code[] = [EXTENSION.preSharedKey, EXTENSION.earlyData, EXTENSION.cookie]

/** Who sends none of these wants no ticket. */
const RESUMING: readonly Code[] = [EXTENSION.sessionTicket, EXTENSION.pskKeyExchangeModes]

/** So many are in the order of the table by chance in one of 10^11 hellos; fewer prove nothing. */
const SHUFFLED_LEAST = 14

export function compareExtensions(hello: ClientHello, template: HelloTemplate): readonly Tell[] {
  const types = (hello.extensions ?? []).map(({ type }) => type)
  const found = masked(types)
  return [
    ...compareGrease(template, types, found),
    ...compareSet(hello, template, found),
    ...compareOrder(template, found),
  ]
}

/** One of GREASE at each end, of two different types. */
function compareGrease(
  { extensions }: HelloTemplate,
  types: readonly number[],
  found: readonly Code[],
): readonly Tell[] {
  const expected = extensions.filter(({ type }) => type === 'GREASE').length
  const grease = types.filter((_, index) => found[index] === 'GREASE')
  if (grease.length !== expected)
    return [rule('extensions', `${expected} of GREASE`, `${grease.length} of GREASE`)]
  if (new Set(types).size !== types.length)
    return [rule('extensions', 'each type once', `a type twice: ${listText(found)}`)]
  if (expected === 0) return []
  const last = found.findLast((code) => code !== EXTENSION.preSharedKey && code !== EXTENSION.padding)
  const isAtEnds = found[0] === 'GREASE' && last === 'GREASE'
  return isAtEnds ? [] : [rule('extensions', 'GREASE first and last', listText(found))]
}

function compareSet(
  hello: ClientHello,
  { browser, extensions }: HelloTemplate,
  found: readonly Code[],
): readonly Tell[] {
  const expected = extensions.map(({ type }) => type)
  const missing = extensions
    .filter((extension) => extension.type !== 'GREASE' && isRequired(extension, hello))
    .filter((extension) => !mayLack(extension, browser, found))
    .map(({ type }) => type)
    .filter((type) => !found.includes(type))
  const added = found.filter((type) => !expected.includes(type) && !OCCASIONAL.includes(type))
  return [
    ...missing.map((type) => version('extensions', listText([type]), 'not there')),
    ...added
      .filter((type) => type !== 'GREASE')
      .map((type) => version('extensions', 'not there', listText([type]))),
  ]
}

/** What installations leave out that nobody would call imitations. */
function mayLack({ type, content }: ExtensionTemplate, browser: Browser, found: readonly Code[]): boolean {
  // Programs that embed Chromium, such as its headless shell, have no root store to name: measured with 153.
  if (content.kind === 'trust_anchors') return true
  if (browser !== 'firefox') return false
  // With a session of TLS 1.3 NSS asks for no ticket of TLS 1.2.
  if (type === EXTENSION.sessionTicket && found.includes(EXTENSION.preSharedKey)) return true
  // A private window keeps no sessions.
  return RESUMING.includes(type) && !RESUMING.some((each) => found.includes(each))
}

/** Whether it is there depends on the address, on the protocols and on the length of the hello for some. */
export function isRequired({ optional, content }: ExtensionTemplate, hello: ClientHello): boolean {
  if (optional === true) return false
  switch (content.kind) {
    // A connection to an address has none; one for other purposes than the web offers no protocol.
    case 'server_name':
    case 'alpn':
    case 'padding':
      return false
    case 'application_settings': {
      const offered = alpnProtocols(hello)
      return content.when === 'any' ? offered.length > 0 : offered.some(isH2)
    }
    default:
      return true
  }
}

function isH2(name: Uint8Array): boolean {
  return name.length === 2 && name[0] === 0x68 && name[1] === 0x32
}

function compareOrder(
  { extensionOrder, extensions }: HelloTemplate,
  found: readonly Code[],
): readonly Tell[] {
  const listed = extensions.map(({ type }) => type).filter((type) => found.includes(type))
  const known = found.filter((type) => listed.includes(type))
  const tells: Tell[] = []
  const isListed = sameCodes(listed, known)
  if (extensionOrder === 'fixed' && !isListed)
    tells.push(rule('extension_order', listText(listed), listText(known)))
  if (extensionOrder === 'shuffled' && isListed && listed.length >= SHUFFLED_LEAST)
    tells.push(version('extension_order', 'shuffled', 'that of the table, unshuffled'))
  const atEnd = found.indexOf(EXTENSION.preSharedKey)
  if (atEnd >= 0 && atEnd !== found.length - 1)
    tells.push(rule('extension_order', 'pre_shared_key last', listText(found)))
  return tells
}
