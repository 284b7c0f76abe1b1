/** Entries of an access list for forwards: `PEER=HOST:PORT,…`. */
import { isIPv6 } from 'node:net'
import { AivError } from '../../../../core/index.ts'
import { isUnixPath } from '../target.ts'
import { parseAddressText } from './addresses.ts'
import { exactly, type NetworkPattern, network } from './network.ts'

export type HostPattern =
  /** Every public address. */
  | { readonly kind: 'any' }
  | { readonly kind: 'name'; readonly name: string }
  | NetworkPattern
  | { readonly kind: 'unix'; readonly path: string }

export interface PermitEntry {
  /** Peer id, or `*`. */
  readonly peer: string
  readonly host: HostPattern
  readonly port: number | '*'
}

const PEER = /^(?:\*|ciq[a-z2-7]{52})$/
const TARGET = /^(?:\[([^\]]+)\]|([^[\]:]+)):(\*|\d{1,5})$/
const NAME = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/
/** What the system reads as an address in an old form, such as `0177.1`. */
const NUMBERS = /^(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+))*$/

/**
 * @param text `PEER=HOST:PORT,…`; `*` is everybody, every public host, every port; a host may be a name, an address, a
 *   network such as `10.0.0.0/8` or `[fd00::]/8`, or stand with its port for the path of a UNIX socket
 * @throws AivError `E_USAGE`
 */
export function parsePermit(text: string): PermitEntry[] {
  const [peer = '', ...rest] = text.split('=')
  if (!PEER.test(peer) || rest.length === 0)
    throw unusable(text, 'it starts with a peer id or * and then has =')
  return rest
    .join('=')
    .split(',')
    .map((target) => ({ peer, ...parsePattern(target.trim()) }))
}

/**
 * The entries of a file: one `PEER=HOST:PORT,…` a line; empty lines and lines that start with `#` are left out.
 * @throws AivError `E_USAGE` with the number of the line
 */
export function parsePermitFile(text: string): PermitEntry[] {
  return text.split('\n').flatMap((line, index) => {
    const entry = line.trim()
    if (entry === '' || entry.startsWith('#')) return []
    try {
      return parsePermit(entry)
    } catch (error) {
      throw new AivError('E_USAGE', `line ${index + 1}: ${(error as Error).message}`, { cause: error })
    }
  })
}

function parsePattern(text: string): Omit<PermitEntry, 'peer'> {
  if (isUnixPath(text)) return { host: { kind: 'unix', path: text }, port: 0 }
  const parts = /^(?:\[([^\]]+)\]|([^[\]/]+))\/(\d{1,3}):(\*|\d{1,5})$/.exec(text)
  if (parts !== null) {
    const [, v6, v4, prefix, port] = parts
    return { host: subnet(text, v6 ?? v4 ?? '', Number(prefix)), port: parsePort(text, port as string) }
  }
  const [, v6, plain, port] = TARGET.exec(text) ?? []
  if (port === undefined) throw unusable(text, 'it is not HOST:PORT')
  const host = (v6 ?? plain ?? '').toLowerCase()
  if (host === '*') return { host: { kind: 'any' }, port: parsePort(text, port) }
  const address = parseAddressText(host)
  if (address !== undefined) return { host: exactly(address), port: parsePort(text, port) }
  const name = host.replace(/\.$/, '')
  if (v6 !== undefined || !NAME.test(name) || NUMBERS.test(name))
    throw unusable(text, 'its host is neither a name nor an address')
  return { host: { kind: 'name', name }, port: parsePort(text, port) }
}

function subnet(text: string, net: string, length: number): HostPattern {
  const address = parseAddressText(net)
  // The same addresses have the same form, so the networks that hold them must, too.
  const prefix = address?.family === 'ipv4' && isIPv6(net) ? length - 96 : length
  if (address === undefined || prefix < 0 || prefix > (address.family === 'ipv4' ? 32 : 128))
    throw unusable(text, 'its network is not one')
  return network(address, prefix)
}

function parsePort(text: string, port: string): number | '*' {
  if (port === '*') return '*'
  const number = Number(port)
  if (number > 65_535) throw unusable(text, 'its port is not one')
  return number
}

function unusable(text: string, why: string): AivError {
  return new AivError('E_USAGE', `"${text}" permits nothing: ${why}`, {
    hint: 'Write PEER=HOST:PORT, such as *=example.org:443 or PEER=127.0.0.1:22,10.0.0.0/8:5432.',
  })
}
