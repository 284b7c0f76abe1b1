import { dialTcp, listenTcp } from '../../src/lib/link/tcp.ts'
import { testLinkCompliance } from './compliance.ts'

testLinkCompliance({
  name: 'tcp',
  kind: 'tcp',
  listen: ({ port = 0, ...options }) => listenTcp({ host: '127.0.0.1', port, ...options }),
  dial: ({ host, port }, options) => dialTcp(host, port, options),
  dialerSpeaksFirst: false,
  closedPort: ['E_UNREACHABLE'],
  transportHolds: 16 * 1024 * 1024,
  freesPortAtOnce: true,
  crossesProcesses: true,
})
