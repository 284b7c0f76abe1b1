/** What `-L`, `-R`, `-D` and `-W` take, in the grammar of ssh. */
import { AivError } from '../../../core/index.ts'
import type { LocalEndpoint, Target } from '../../../htx/index.ts'

export interface ForwardSpec {
  /** Where connections are accepted. */
  readonly listen: LocalEndpoint
  /** Where they lead. */
  readonly target: Target
}

const LOOPBACK = '127.0.0.1'

/**
 * `[bind:]port:host:port`, each side also the path of a UNIX socket; IPv6 in brackets; `*` is every interface.
 * @throws AivError `E_USAGE`
 */
export function parseForward(flag: string, text: string): ForwardSpec {
  const parts = splitParts(text)
  const last = parts.at(-1) ?? ''
  const targetParts = last.startsWith('/') ? 1 : 2
  const listen = endpointOf(parts.slice(0, -targetParts))
  const target = targetOf(parts.slice(-targetParts))
  if (listen === undefined || target === undefined)
    throw new AivError('E_USAGE', `${flag} does not understand "${text}"`, {
      hint: `Write [BIND:]PORT:HOST:PORT, such as ${flag} 8080:localhost:80; /PATH is a UNIX socket.`,
    })
  return { listen, target }
}

/** `[bind:]port`. @throws AivError `E_USAGE` */
export function parseDynamic(text: string): LocalEndpoint {
  const endpoint = endpointOf(splitParts(text))
  if (endpoint !== undefined) return endpoint
  throw new AivError('E_USAGE', `-D does not understand "${text}"`, {
    hint: 'Write [BIND:]PORT, such as -D 1080.',
  })
}

/** `host:port`, or the path of a UNIX socket. @throws AivError `E_USAGE` */
export function parseStdioTarget(text: string): Target {
  const target = targetOf(splitParts(text))
  if (target !== undefined) return target
  throw new AivError('E_USAGE', `-W does not understand "${text}"`, {
    hint: 'Write HOST:PORT, such as -W localhost:22.',
  })
}

/** Parts between colons; what stands in brackets is one. Empty for brackets that do not match. */
function splitParts(text: string): readonly string[] {
  const parts = text.match(/\[[^\]]*\]|[^:[\]]+|(?<=^|:)(?=:|$)/g) ?? []
  return parts.join(':') === text ? parts : []
}

function endpointOf(parts: readonly string[]): LocalEndpoint | undefined {
  const [first = '', second] = parts
  if (parts.length === 1 && first.startsWith('/')) return { path: first }
  const port = portOf(second ?? first)
  if (parts.length < 1 || parts.length > 2 || port === undefined) return undefined
  if (second === undefined) return { host: LOOPBACK, port }
  return first === '*' || first === '' ? { port } : { host: unbracketed(first), port }
}

function targetOf(parts: readonly string[]): Target | undefined {
  const [host = '', digits = ''] = parts
  if (parts.length === 1 && host.startsWith('/')) return { host, port: 0 }
  const port = portOf(digits)
  if (parts.length !== 2 || host === '' || host.startsWith('/') || port === undefined || port === 0)
    return undefined
  return { host: unbracketed(host), port }
}

function portOf(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

function unbracketed(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}
