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
