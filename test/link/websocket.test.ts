import { hostPort } from '../../src/lib/link/socket/host-port.ts'
import { dialWebSocket, listenWebSocket } from '../../src/lib/link/websocket.ts'
import { testLinkCompliance } from './compliance.ts'

testLinkCompliance({
  name: 'ws',
  kind: 'ws',
  // All come from this machine, and 200 of them at once.
  listen: ({ port = 0, ...options }) =>
    listenWebSocket({
      host: '127.0.0.1',
      port,
      pendingLimits: { total: 1024, perPrefix: 1024 },
      ...options,
    }),
  dial: ({ host, port }, options) => dialWebSocket(`ws://${hostPort(host, port)}`, options),
  dialerSpeaksFirst: false,
  closedPort: ['E_UNREACHABLE'],
  transportHolds: 16 * 1024 * 1024,
  freesPortAtOnce: true,
  crossesProcesses: true,
})
