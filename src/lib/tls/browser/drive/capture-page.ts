/** A page whose parts lie on many servers: a browser that opens it greets each of them. */
import { type RandomSource, toHex } from '../../../core/index.ts'

/** Connections that are left waiting. That many show each of four equally likely sizes with probability 0.9999. */
const SERVERS = 56
/** Servers that hang up: browsers try again, and some then offer less. */
const BUSY_SERVERS = 4
/** Of RFC 6761: it belongs to nobody. */
const DOMAIN = 'example.test'
/** Nobody else on the machine knows the names of this run. */
const TOKEN_BYTES = 8
/** A hello to an address asks for no name. */
const ADDRESS = '127.0.0.1'

export interface CapturePage {
  /** All that a browser has to greet. */
  readonly names: ReadonlySet<string>
  /** Those of them that hang up. */
  readonly busy: ReadonlySet<string>
  /** @param port where all of them listen, for a browser that is not told otherwise */
  readonly html: (port?: number) => string
}

export function capturePage(random: RandomSource): CapturePage {
  const token = toHex(random.bytes(TOKEN_BYTES))
  const names = (kind: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `${kind}${index + 1}-${token}.${DOMAIN}`)
  const [servers, busy, sockets] = [names('server', SERVERS), names('busy', BUSY_SERVERS), names('socket', 1)]
  return {
    names: new Set([...servers, ...busy, ...sockets]),
    busy: new Set(busy),
    html(port) {
      const suffix = port === undefined ? '/' : `:${port}/`
      const images = [...servers, ...busy, ADDRESS].map((name) => `<img src="https://${name}${suffix}">`)
      const scripts = sockets.map((name) => `<script>new WebSocket('wss://${name}${suffix}')</script>`)
      return ['<!doctype html>', ...scripts, ...images].join('\n')
    },
  }
}
