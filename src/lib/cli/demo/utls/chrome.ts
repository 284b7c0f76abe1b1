/** Hellos of Chrome: always the same name, never the same bytes, and told from their imitation. */
import { type DemoCheck, equal } from '../../../core/index.ts'
import {
  type ClientHello,
  type Extension,
  HelloBuilder,
  ja3,
  ja4,
  matchHello,
  templateById,
  templateOfVersion,
} from '../../../tls/index.ts'

const HELLOS = 20
const HOST = 'example.com'
/** Published for Chrome 152 to 156 (FoxIO-LLC/ja4, sigalg-grease.pcap). */
const PUBLISHED_JA4 = 't13d1517h2_8daaf6152771_cb7bf5808d99'
const TEMPLATE = 'chrome-154'

const KEY_SHARE = 0x0033
const X25519_BYTES = 32
/** From the end of key_share: the share of X25519, group and length before it, and before that the hybrid's X25519. */
const ALONE_AT = X25519_BYTES
const HYBRID_AT = 2 * X25519_BYTES + 4

export function showNames(): DemoCheck {
  const builder = new HelloBuilder(templateById(TEMPLATE))
  const hellos = Array.from({ length: HELLOS }, () => builder.build({ host: HOST }).hello)
  const names = new Set(hellos.map((hello) => ja4(hello, 'tcp').ja4))
  const prints = new Set(hellos.map((hello) => ja3(hello).hash))
  return {
    name: `${HELLOS} hellos of Chrome 154 to 156 have the JA4 that is published for it, and each another JA3`,
    passed: names.size === 1 && names.has(PUBLISHED_JA4) && prints.size === HELLOS,
    detail: `${[...names].join()}, ${prints.size} times JA3`,
  }
}

export function showMatch(): DemoCheck {
  const template = templateOfVersion('chrome', 'latest')
  const { hello } = new HelloBuilder(template).build({ host: HOST })
  const match = matchHello(hello, 'tcp')
  const { first, last } = template.versions
  const isOwn = match.verdict === 'match' && match.versions.first === first && match.versions.last === last
  return {
    name: 'what is built is taken for the versions that it was built for, and for no other',
    passed: isOwn && match.browser === 'chrome',
    detail:
      match.verdict === 'match' ? `Chrome ${match.versions.first} to ${match.versions.last}` : match.verdict,
  }
}

/** What uTLS did: the same X25519 key in both shares. JA4 cannot see it. */
export function showImpostor(): DemoCheck {
  const { hello } = new HelloBuilder(templateOfVersion('chrome', 'latest')).build({ host: HOST })
  const imitation = { ...hello, extensions: (hello.extensions ?? []).map(withOneKey) }
  const match = matchHello(imitation, 'tcp')
  const [tell] = match.verdict === 'impostor' ? match.tells : []
  return {
    name: 'an imitation with the same JA4 that uses one key in two shares is called an impostor',
    passed: tell?.field === 'key_share' && !isSame(hello, imitation) && sameName(hello, imitation),
    detail: tell === undefined ? match.verdict : `${tell.field}: ${tell.found}, not ${tell.expected}`,
  }
}

function withOneKey(extension: Extension): Extension {
  if (extension.type !== KEY_SHARE) return extension
  const body = extension.body.slice()
  body.copyWithin(body.length - ALONE_AT, body.length - HYBRID_AT, body.length - HYBRID_AT + X25519_BYTES)
  return { ...extension, body }
}

function isSame(hello: ClientHello, other: ClientHello): boolean {
  return (hello.extensions ?? []).every(({ body }, i) => equal(body, other.extensions?.[i]?.body ?? body))
}

function sameName(hello: ClientHello, other: ClientHello): boolean {
  return ja4(hello, 'tcp').ja4 === ja4(other, 'tcp').ja4
}
