/** Sphinx packets: formats `kem` and `nike`, their geometry, routing commands, creation and unwrapping. */
export { KEM_PRFS, type KemPrf } from '../crypto/index.ts'
export { decodeCommands, encodeCommands, type RoutingCommand } from './commands.ts'
export * from './constants.ts'
export { isAuthenticDrop, UNWRAP_DROP_REASONS, type UnwrapDropReason } from './drop-reason.ts'
export {
  type Geometry,
  type GeometryOptions,
  geometryHash,
  makeGeometry,
  PACKET_FORMATS,
  type PacketFormat,
  userBytesWithSurb,
} from './geometry.ts'
export { PlainSphinxKernel, type SphinxKernel } from './kernel.ts'
export { decodeLinkCommand, encodeLinkCommand, type LinkCommand } from './link-commands.ts'
export { loadSphinxKernel } from './load-kernel.ts'
export { MixKey } from './mix-key.ts'
export { createPacket, createTracedPacket, type TracedPacket } from './packet.ts'
export { decodePlaintext, encodePlaintext, type Plaintext } from './plaintext.ts'
export { type CreatedSurb, createSurb, openSurbReply, packetFromSurb } from './surb.ts'
export type { PathHop, Unwrapped } from './types.ts'
export { unwrap } from './unwrap.ts'
export { DROP_STATUS, dropReasonOf, PacketUnwrapper, UNWRAP_STATUS } from './unwrapper.ts'
