/** Entry of a worker process. */
import { systemClock } from '../../../core/index.ts'
import type { BenchLink } from '../transports/htx.ts'
import { serveWorker } from './serve.ts'

const LINKS: readonly BenchLink[] = ['tcp', 'ws', 'quic', 'memory']

const TLS_SUITES = {
  'nodetls.chacha20': 'TLS_CHACHA20_POLY1305_SHA256',
  'nodetls.aes128gcm': 'TLS_AES_128_GCM_SHA256',
}

// Loaded on demand: a process that measures memory must not hold what it does not use.
serveWorker({
  ...Object.fromEntries(
    LINKS.map((link) => [
      `htx.${link}`,
      async () => (await import('../transports/htx.ts')).htxTransport(link, systemClock),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(TLS_SUITES).map(([name, cipher]) => [
      name,
      async () => (await import('../transports/node-tls.ts')).nodeTlsTransport(cipher, systemClock),
    ]),
  ),
  'htx.tcp.tickets': async () => {
    const { htxTransport, openDurableTickets } = await import('../transports/htx.ts')
    return htxTransport('tcp', systemClock, openDurableTickets)
  },
  'htx.https': async () => (await import('../transports/camouflaged.ts')).camouflagedTransport(systemClock),
  'continued.tcp': async () => (await import('../transports/continued.ts')).continuedTransport(systemClock),
  'forward.tcp': async () => (await import('../transports/forward.ts')).forwardTransport(systemClock),
  'echo.forward': async () => (await import('../transports/forward.ts')).echoTransport(systemClock),
  'tcp.bare': async () => (await import('../transports/bare-tcp.ts')).bareTcpTransport(),
  'quic.bare': async () => (await import('../transports/bare-quic.ts')).bareQuicTransport(),
})
