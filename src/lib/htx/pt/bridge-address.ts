/** Between the arguments of a bridge line and an HTX address. */
import { AivError, encodeBase32 } from '../../core/index.ts'
import { formatAddress, parseAddress, type Scheme } from '../address.ts'
import type { PtArguments } from './arguments.ts'
import type { HostAndPort } from './environment.ts'

const LINKS = ['tcp', 'ws', 'wss', 'quic'] as const
type BridgeLink = (typeof LINKS)[number]

const KNOWN: ReadonlySet<string> = new Set(['peer', 'x', 'link', 'path'])

/**
 * The address that `connect` takes for a bridge and its arguments `peer`, `x`, `link` (default `tcp`) and `path`.
 * @throws AivError `E_ADDRESS`, `E_USAGE`
 */
export function bridgeAddress({ host, port }: HostAndPort, values: PtArguments): string {
  for (const key of values.keys())
    if (!KNOWN.has(key)) throw new AivError('E_USAGE', `bridge argument ${key} is not known here`)
  const [peer, x] = [values.get('peer'), values.get('x')]
  if (peer === undefined || x === undefined)
    throw new AivError('E_USAGE', 'the bridge line needs peer= and x=', {
      hint: 'The operator of the bridge finds both in htx_bridgeline.txt of its state folder.',
    })
  const bracketed = host.includes(':') ? `[${host}]` : host
  const text = `htx+${linkOfBridge(values)}://${peer}@${bracketed}:${port}${values.get('path') ?? ''}?x=${x}`
  // Round once: what the arguments smuggled in between shows as another address or as none.
  const parsed = parseAddress(text, 'connect')
  if (parsed.peer !== peer || parsed.x === undefined || encodeBase32(parsed.x) !== x || parsed.host !== host)
    throw new AivError('E_ADDRESS', 'the bridge arguments are no address')
  return formatAddress(parsed)
}

/** What a server listens on, from its own options `link` and `path`. @throws AivError `E_USAGE` */
export function serverAddress({ host, port }: HostAndPort, values: PtArguments): string {
  for (const key of values.keys())
    if (key !== 'link' && key !== 'path')
      throw new AivError('E_USAGE', `transport option ${key} is not known here`)
  const link = linkOfBridge(values)
  if (link === 'wss')
    throw new AivError('E_USAGE', 'a bridge that listens has no certificate for wss', {
      hint: 'Use link=ws behind a web server that ends TLS.',
    })
  const bracketed = host.includes(':') ? `[${host}]` : host
  return formatAddress(
    parseAddress(`htx+${link}://${bracketed}:${port}${values.get('path') ?? ''}`, 'listen'),
  )
}

/** The arguments that clients of a listener need. */
export function argumentsOf(address: string): PtArguments {
  const { scheme, peer = '', x = new Uint8Array(), path } = parseAddress(address, 'connect')
  const values = new Map([
    ['peer', peer],
    ['x', encodeBase32(x)],
    ['link', linkName(scheme)],
  ])
  if (path !== undefined && path !== '/htx') values.set('path', path)
  return values
}

function linkOfBridge(values: PtArguments): BridgeLink {
  const text = values.get('link') ?? 'tcp'
  const link = LINKS.find((known) => known === text)
  if (link === undefined) throw new AivError('E_USAGE', `link=${text} is not one of ${LINKS.join(', ')}`)
  return link
}

const linkName = (scheme: Scheme): string => scheme.slice('htx+'.length)
