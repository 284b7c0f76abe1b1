/** TLS as an onlooker reads it: hellos, where they come from, and their fingerprints. */

export { HelloBuilder, helloRecord } from './browser/build/build-hello.ts'
export { deriveTemplate } from './browser/derive/derive-template.ts'
export { type CapturedTemplate, captureTemplate } from './browser/drive/capture-template.ts'
export { findBrowser, type InstalledBrowser } from './browser/drive/find-browser.ts'
export { type Match, matchHello } from './browser/match/match-hello.ts'
export type { HelloTemplate } from './browser/template/template.ts'
export { contentText, diffTemplates, type TemplateDifference } from './browser/template/template-diff.ts'
export { codeText, parseTemplate, templateDocument } from './browser/template/template-json.ts'
export { newestMajor, templateById, templateOfVersion, templates } from './browser/template/templates.ts'
export { parseRoots, systemRoots } from './certificate/roots/load-roots.ts'
export { joinRoots, type TrustRoots } from './certificate/roots/trust-roots.ts'
export { type SelfSigned, type SelfSignedOptions, selfSigned } from './certificate/self-signed.ts'
export { parseSpkiPin, pinOfCertificate, pinOfPem } from './certificate/verify/spki-pin.ts'
export { connectTls, type TlsConnection } from './client/connect-tls.ts'
export { EchRejectedError } from './client/handshake/ech-rejected.ts'
export type { SessionTicket } from './client/handshake/session-resumption.ts'
export { chooseEchConfig, unusableReason } from './ech/choose-config.ts'
export {
  type EchConfig,
  encodeEchConfigList,
  type ListedConfig,
  parseEchConfigList,
} from './ech/ech-config.ts'
export { parseEchKeyFile } from './ech/key-file.ts'
export { type NewEchKey, newEchKey } from './ech/new-key.ts'
export { type OpenedHello, openHello } from './ech/open-hello.ts'
export { sealHello, setUpEch } from './ech/seal-hello.ts'
export { type Ja3, ja3, ja3n, ja3s } from './fingerprint/ja3.ts'
export { type HelloTransport, type Ja4, ja4 } from './fingerprint/ja4.ts'
export {
  type ClientHello,
  type Extension,
  encodeClientHello,
  parseClientHello,
} from './hello/client-hello.ts'
export { alpnProtocols, serverName, supportedVersions } from './hello/extensions.ts'
export { type OuterEch, outerEch } from './hello/outer-ech.ts'
export { parseServerHello, type ServerHello } from './hello/server-hello.ts'
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
} from './observe/capture/index.ts'
export { DtlsHellos, type DtlsOutcome, type DtlsSkip } from './observe/dtls/hellos.ts'
export { type FindOptions, type FindSummary, findHellos } from './observe/find/find-hellos.ts'
export type { FoundHello } from './observe/find/found-hello.ts'
export type { FlowKey, FlowLimits } from './observe/flow-table.ts'
export { listenForHellos } from './observe/live/listen.ts'
export type { LiveListener, LiveOptions, LiveSkip } from './observe/live/types.ts'
export { QuicHellos, type QuicOutcome, type QuicSkip } from './observe/quic/hellos.ts'
