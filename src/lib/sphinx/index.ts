/** Sphinx packets: formats `kem` and `nike`, their geometry, routing commands, creation and unwrapping. */
export { decodeCommands, encodeCommands, type RoutingCommand } from './commands.ts'
export * from './constants.ts'
export { isAuthenticDrop, UNWRAP_DROP_REASONS, type UnwrapDropReason } from './drop-reason.ts'
export {
  type Geometry,
  type GeometryOptions,
  geometryHash,
  KEM_PRFS,
  type KemPrf,
  makeGeometry,
  PACKET_FORMATS,
  type PacketFormat,
  userBytesWithSurb,
} from './geometry.ts'
export type { PathHop, Unwrapped } from './types.ts'
