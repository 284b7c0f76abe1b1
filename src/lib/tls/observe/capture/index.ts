/** Captured traffic: pcap and pcapng, link layers, IP, and the streams in them. */
export { sniffCaptureFormat } from './file/format.ts'
export {
  PCAP_HEADER,
  pcapPacketBytes,
  type TcpEndpoint,
  type TcpSegment,
  writePcapPacket,
} from './file/pcap-writer.ts'
export { type CaptureOptions, readCapture } from './read-capture.ts'
export type { Appetite, CaptureSink, StreamEnd } from './sink.ts'
export type { CaptureFlow } from './streams/flow.ts'
export type { CaptureSummary, SkippedPackets, SkipReason } from './summary.ts'
export { TCP_ACK, TCP_FIN, TCP_SYN } from './transport.ts'
