/** The forwarding services that a listener offers together. */
import type { Service } from '../accept-service.ts'
import { bindService } from './bind.ts'
import type { ForwardOptions } from './forward-options.ts'
import { tcpService } from './tcp.ts'
import { udpService } from './udp.ts'

/** `tcp`, `udp` and `bind`, each behind the access list. */
export function forwardServices(options: ForwardOptions): Readonly<Record<'tcp' | 'udp' | 'bind', Service>> {
  return { tcp: tcpService(options), udp: udpService(options), bind: bindService(options) }
}
