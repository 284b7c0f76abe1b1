/** TLS as an onlooker reads it: hellos, where they come from, and their fingerprints. */

export { type CapturedTemplate, captureTemplate } from './browser/capture-template.ts'
export { findBrowser, type InstalledBrowser } from './browser/find-browser.ts'
export { HelloBuilder } from './build/build-hello.ts'
export {
  type Appetite,
  type CaptureFlow,
  type CaptureOptions,
  type CaptureSink,
  type CaptureSummary,
  PCAP_HEADER,
  pcapPacketBytes,
  readCapture,
  type SkippedPackets,
  type SkipReason,
  type StreamEnd,
  sniffCaptureFormat,
  TCP_ACK,
  TCP_SYN,
  type TcpSegment,
  writePcapPacket,
} from './capture/index.ts'
export { type SelfSigned, type SelfSignedOptions, selfSigned } from './certificate/self-signed.ts'
export { deriveTemplate } from './derive/derive-template.ts'
export { DtlsHellos, type DtlsOutcome, type DtlsSkip } from './dtls/hellos.ts'
export { type FindOptions, type FindSummary, findHellos } from './find/find-hellos.ts'
export type { FoundHello } from './find/found-hello.ts'
export { type Ja3, ja3, ja3n, ja3s } from './fingerprint/ja3.ts'
export { type HelloTransport, type Ja4, ja4 } from './fingerprint/ja4.ts'
export type { FlowKey, FlowLimits } from './flow-table.ts'
export {
  type ClientHello,
  type Extension,
  encodeClientHello,
  parseClientHello,
} from './hello/client-hello.ts'
export { alpnProtocols, serverName, supportedVersions } from './hello/extensions.ts'
export { type OuterEch, outerEch } from './hello/outer-ech.ts'
export { parseServerHello, type ServerHello } from './hello/server-hello.ts'
export { listenForHellos } from './live/listen.ts'
export type { LiveListener, LiveOptions, LiveSkip } from './live/types.ts'
export { type Match, matchHello } from './match/match-hello.ts'
export { QuicHellos, type QuicOutcome, type QuicSkip } from './quic/hellos.ts'
export type { HelloTemplate } from './template/template.ts'
export { contentText, diffTemplates, type TemplateDifference } from './template/template-diff.ts'
export { codeText, parseTemplate, templateDocument } from './template/template-json.ts'
export { newestMajor, templateById, templateOfVersion, templates } from './template/templates.ts'
