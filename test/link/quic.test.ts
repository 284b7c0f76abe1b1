import { dialQuic, listenQuic } from '../../src/lib/link/quic.ts'
import { testLinkCompliance } from './compliance.ts'

testLinkCompliance({
  name: 'quic',
  kind: 'quic',
  listen: ({ port = 0, ...options }) =>
    listenQuic({ host: '127.0.0.1', port, idleTimeoutMs: 3000, ...options }),
  dial: ({ host, port }, options) => dialQuic(host, port, options),
  dialerSpeaksFirst: true,
  closedPort: ['E_TIMEOUT'],
  transportHolds: 8 * 1024 * 1024,
  freesPortAtOnce: false,
  crossesProcesses: true,
})
