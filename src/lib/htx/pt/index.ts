export { formatServerArguments, type PtArguments } from './arguments.ts'
export { argumentsOf, serverAddress } from './bridge-address.ts'
export { listenPtClient, type PtClientListener, type PtClientOptions } from './client.ts'
export {
  type HostAndPort,
  type PtClient,
  type PtEnvironment,
  type PtServer,
  PtVersionError,
  readPtEnvironment,
  TRANSPORT,
} from './environment.ts'
export { failureWords } from './failures.ts'
export { logLine, type PtSeverity, statusLine } from './messages.ts'
export { orPortService } from './server.ts'
