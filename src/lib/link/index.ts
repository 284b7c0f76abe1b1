/** Byte-stream links: TCP, WebSocket, QUIC and memory behind one interface. */
export { BaseLink } from './base-link.ts'
export { type FaultyPairOptions, faultyPair } from './faulty-pair.ts'
export type {
  DialOptions,
  Link,
  LinkHandler,
  LinkKind,
  LinkTarget,
  Listener,
  ListenOptions,
  OpenableKind,
} from './link.ts'
export type { Faults } from './memory/faulty-channel.ts'
export { MemoryNetwork, type MemoryOptions, memoryPair, processNetwork } from './memory.ts'
export { MessageBatches } from './message-batches.ts'
export {
  attachWebSocket,
  type DialLinkOptions,
  dialLink,
  type ListenLinkOptions,
  listenLink,
} from './open.ts'
export { parseProxy } from './proxy/proxy-url.ts'
export type { QuicDialOptions, QuicListenOptions } from './quic.ts'
export { abortSocket } from './socket/abort-socket.ts'
export { AcceptanceCounter } from './socket/acceptance-counter.ts'
export { addressPrefix } from './socket/address-prefix.ts'
export { hostPort } from './socket/host-port.ts'
export { type NewcomerLimits, Newcomers } from './socket/newcomers.ts'
export { listenerOf, localOf, remoteOf, startListening } from './socket/server.ts'
export { linkLost, socketError } from './socket/socket-errors.ts'
export { dialSocket, dialTcp, listenTcp, type TcpDialOptions } from './tcp.ts'
export type { WebSocketAttachOptions, WebSocketDialOptions, WebSocketListenOptions } from './websocket.ts'
