/** The address of an upstream proxy. Its credentials stay out of every message. */
import { AivError } from '../../core/index.ts'
import { bareHost, hostPort } from '../socket/host-port.ts'

export interface UpstreamProxy {
  readonly kind: 'http' | 'socks5'
  readonly host: string
  readonly port: number
  /** Who resolves names: `socks5` here, `socks5h` and `http` the proxy. */
  readonly resolvesNames: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  /** Host and port, for messages. */
  readonly label: string
}

const SCHEMES: Readonly<Record<string, Pick<UpstreamProxy, 'kind' | 'resolvesNames' | 'port'>>> = {
  'http:': { kind: 'http', resolvesNames: true, port: 80 },
  'socks5:': { kind: 'socks5', resolvesNames: false, port: 1080 },
  'socks5h:': { kind: 'socks5', resolvesNames: true, port: 1080 },
}

/**
 * Parses `http://`, `socks5://` or `socks5h://` with `[user:password@]host[:port]`; schemes mean what they mean to curl.
 * @throws AivError `E_USAGE`
 */
export function parseProxy(text: string): UpstreamProxy {
  const hint =
    'write http://host:port, socks5://host:port or socks5h://host:port, with user:password@ before the host if needed'
  const url = URL.parse(text)
  const scheme = url === null ? undefined : SCHEMES[url.protocol]
  if (url === null || scheme === undefined || url.hostname === '')
    throw new AivError('E_USAGE', 'the proxy is not a usable URL', { hint })
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '')
    throw new AivError('E_USAGE', 'the proxy URL has a path, query or fragment', { hint })
  const host = bareHost(url.hostname)
  // URL drops a port that is the scheme's default, which for http is also ours.
  const port = url.port === '' ? scheme.port : Number(url.port)
  return {
    kind: scheme.kind,
    host,
    port,
    resolvesNames: scheme.resolvesNames,
    username: credential(url.username),
    password: credential(url.password),
    label: hostPort(host, port),
  }
}

function credential(text: string): string | undefined {
  if (text === '') return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    throw new AivError('E_USAGE', 'the proxy credentials are not valid percent-encoding')
  }
}
