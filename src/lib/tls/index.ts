/** TLS as an onlooker reads it. */
export {
  type Appetite,
  type CaptureFlow,
  type CaptureOptions,
  type CaptureSink,
  type CaptureSummary,
  readCapture,
  type SkippedPackets,
  type SkipReason,
  type StreamEnd,
  sniffCaptureFormat,
} from './capture/index.ts'
export { DtlsHellos, type DtlsOutcome, type DtlsSkip } from './dtls/hellos.ts'
export type { FlowKey, FlowLimits } from './flow-table.ts'
export { QuicHellos, type QuicOutcome, type QuicSkip } from './quic/hellos.ts'
