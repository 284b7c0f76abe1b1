import { MemoryNetwork } from '../../src/lib/link/memory.ts'
import { testLinkCompliance } from './compliance.ts'

const network = new MemoryNetwork()

testLinkCompliance({
  name: 'memory',
  kind: 'memory',
  listen: ({ port = 0, ...options }) => network.listen({ host: 'here', port, ...options }),
  dial: ({ host, port }, options) => network.dial(host, port, options),
  dialerSpeaksFirst: false,
  closedPort: ['E_UNREACHABLE'],
  transportHolds: 512 * 1024,
  freesPortAtOnce: true,
  crossesProcesses: false,
})
