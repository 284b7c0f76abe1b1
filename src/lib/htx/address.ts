/** HTX addresses (section 2.1): one line that says where a peer is, who it is and which key it speaks with. */
import { isIPv6 } from 'node:net'
import { AivError, decodeBase32, encodeBase32 } from '../core/index.ts'
import { parsePeerId } from '../identity/index.ts'

const SCHEMES = ['htx+tcp', 'htx+ws', 'htx+wss', 'htx+quic', 'htx+https', 'htx+mem'] as const

export type Scheme = (typeof SCHEMES)[number]

export type BindMode = 'exporter' | 'none'

export interface HtxAddress {
  readonly scheme: Scheme
  /** Peer id; present in an address to connect to, absent in one to listen on. */
  readonly peer: string | undefined
  /** Name, IPv4 or IPv6 literal without brackets. */
  readonly host: string
  readonly port: number
  /** Begins with `/`; only for ws, wss and https. */
  readonly path: string | undefined
  /** X25519 static key of the peer, 32 bytes. */
  readonly x: Uint8Array | undefined
  readonly bind: BindMode | undefined
  readonly suite: 'hybrid' | 'classical' | undefined
}

const DEFAULT_PORT: Partial<Record<Scheme, number>> = {
  'htx+ws': 80,
  'htx+wss': 443,
  'htx+quic': 443,
  'htx+https': 443,
}
const DEFAULT_PATH = '/htx'
const LENGTH_MOST = 2048
/** A name or an IPv4 literal. Anything else would go on to a resolver, a proxy or an HTTP request as it is. */
const HOST = /^[a-z0-9._-]{1,253}$/i
const PATH = /^\/[\x21-\x7e]*$/
const FORM =
  /^([a-z+]+):\/\/(?:([^@/?#]*)@)?(\[[^\]/?#@]*\]|[^:/?#@[\]]*)(?::(\d{1,5}))?(\/[^?#]*)?(?:\?([^#]*))?$/

/**
 * Parses an address.
 * @param role a `connect` address must name its peer, a `listen` address must not
 * @throws AivError `E_ADDRESS` with what is wrong and a hint
 */
export function parseAddress(text: string, role: 'connect' | 'listen'): HtxAddress {
  const match = text.length > LENGTH_MOST ? null : FORM.exec(text)
  if (match === null) throw wrong(`not an HTX address: ${shown(text)}`)
  const [, schemeText, peerText, hostText = '', portText, path, query] = match
  const scheme = SCHEMES.find((known) => known === schemeText)
  if (scheme === undefined)
    throw wrong(`unknown address scheme ${shown(schemeText ?? '')}`, `Use one of ${SCHEMES.join(', ')}.`)
  const hasPath = scheme === 'htx+ws' || scheme === 'htx+wss' || scheme === 'htx+https'
  if (path !== undefined && !hasPath) throw wrong(`${scheme} addresses have no path`)
  if (path !== undefined && !PATH.test(path))
    throw wrong('the path of the address has characters outside ASCII')
  const parameters = parseParameters(query, scheme)
  return {
    scheme,
    peer: checkPeer(peerText, role),
    host: checkHost(hostText),
    port: checkPort(portText, scheme, role),
    path: hasPath ? (path ?? DEFAULT_PATH) : undefined,
    ...parameters,
  }
}

/** The text form; `parseAddress` gives the same address back. */
export function formatAddress(address: HtxAddress): string {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  const who = address.peer === undefined ? '' : `${address.peer}@`
  const path = address.path === undefined || address.path === DEFAULT_PATH ? '' : address.path
  const parameters = [
    address.x === undefined ? undefined : `x=${encodeBase32(address.x)}`,
    address.bind === undefined ? undefined : `bind=${address.bind}`,
    address.suite === undefined ? undefined : `suite=${address.suite}`,
  ].filter((part) => part !== undefined)
  const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`
  return `${address.scheme}://${who}${host}:${address.port}${path}${query}`
}

/** True where both ends see the same outer TLS connection and can bind to it. */
function mayBind(scheme: Scheme): boolean {
  return scheme === 'htx+wss' || scheme === 'htx+https'
}

/** `exporter` for https, `none` elsewhere unless the address says otherwise. */
export function bindModeOf(address: HtxAddress): BindMode {
  return address.bind ?? (address.scheme === 'htx+https' ? 'exporter' : 'none')
}

function checkPeer(text: string | undefined, role: 'connect' | 'listen'): string | undefined {
  if (role === 'listen') {
    if (text !== undefined)
      throw wrong('an address to listen on names no peer', 'Remove the part before the @.')
    return undefined
  }
  if (text === undefined) {
    throw wrong('the address does not name its peer', 'Use the full address that `aiv htx listen` prints.')
  }
  try {
    parsePeerId(text)
  } catch (cause) {
    throw new AivError('E_ADDRESS', `${shown(text)} is not a peer id`, { cause })
  }
  return text
}

function checkHost(text: string): string {
  if (text === '') throw wrong('the address has no host')
  if (!text.startsWith('[')) {
    if (!HOST.test(text)) throw wrong(`${shown(text)} is not a host name`)
    return text
  }
  const literal = text.slice(1, -1)
  if (!isIPv6(literal)) throw wrong(`${shown(text)} is not an IPv6 address`)
  return literal
}

function checkPort(text: string | undefined, scheme: Scheme, role: 'connect' | 'listen'): number {
  if (text === undefined) {
    const port = DEFAULT_PORT[scheme]
    if (port === undefined) throw wrong(`${scheme} addresses need a port`)
    return port
  }
  const port = Number(text)
  if (port > 65_535) throw wrong(`port ${text} is above 65535`)
  if (port === 0 && role === 'connect') throw wrong('port 0 cannot be connected to')
  return port
}

type Parameters = Pick<HtxAddress, 'x' | 'bind' | 'suite'>

function parseParameters(query: string | undefined, scheme: Scheme): Parameters {
  const found = new Map<string, string>()
  for (const part of query === undefined || query === '' ? [] : query.split('&')) {
    const at = part.indexOf('=')
    const name = at < 0 ? part : part.slice(0, at)
    if (found.has(name)) throw wrong(`parameter ${shown(name)} stands twice in the address`)
    found.set(name, at < 0 ? '' : part.slice(at + 1))
  }
  const bind = choice(found, 'bind', ['exporter', 'none'])
  if (bind === 'exporter' && !mayBind(scheme)) throw wrong(`${scheme} has no outer TLS to bind to`)
  const suite = choice(found, 'suite', ['hybrid', 'classical'])
  const x = found.get('x')
  found.delete('x')
  for (const name of found.keys()) throw wrong(`unknown parameter ${shown(name)} in the address`)
  return { x: x === undefined ? undefined : parseNoiseKey(x), bind, suite }
}

function choice<const T extends string>(
  found: Map<string, string>,
  name: string,
  values: readonly T[],
): T | undefined {
  const text = found.get(name)
  found.delete(name)
  if (text === undefined) return undefined
  const value = values.find((known) => known === text)
  if (value === undefined) throw wrong(`${name}=${shown(text)} in the address`, `Use ${values.join(' or ')}.`)
  return value
}

function parseNoiseKey(text: string): Uint8Array {
  try {
    const key = decodeBase32(text)
    if (key.length === 32) return key
  } catch {
    // The same answer whatever is wrong with it.
  }
  throw wrong('x= in the address is not a key of 52 base32 characters')
}

/** Part of an address in a message: bounded, and without anything that a terminal would act on. */
function shown(text: string): string {
  return text.slice(0, 80).replace(/[^\x20-\x7e]/g, '?')
}

function wrong(message: string, hint?: string): AivError {
  return new AivError('E_ADDRESS', message, hint === undefined ? {} : { hint })
}
