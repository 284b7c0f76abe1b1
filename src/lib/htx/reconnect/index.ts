export { Connector, type ConnectorOptions, type Reconnecting } from './connector.ts'
export { isWayFailure } from './way-failure.ts'
