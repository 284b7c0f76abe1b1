export type { Reconnecting } from './attempts.ts'
export { Connector, type ConnectorOptions } from './connector.ts'
export { isWayFailure } from './way-failure.ts'
