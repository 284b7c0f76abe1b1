/** Forwards (section 12.1): ports of one side reached from the other. */
export { AccessList } from './access/access-list.ts'
export { type PermitEntry, parsePermit, parsePermitFile } from './access/permit-entry.ts'
export { type LocalForwardOptions, localForward } from './opening/local-forward.ts'
export type { LocalEndpoint, LocalListener } from './opening/local-listener.ts'
export { type OpenStream, streamsOf } from './opening/open-stream.ts'
export { forwardServices } from './services.ts'
export { type SocksServerOptions, socksServer } from './socks/socks-server.ts'
export { formatTarget, type Target, targetParams } from './target.ts'
