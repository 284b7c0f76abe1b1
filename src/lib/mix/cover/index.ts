/** Cover traffic: when clients and mixes send, and what their loops tell. */
export { type ClientPacket, ClientTraffic, type ClientTrafficOptions } from './client-traffic.ts'
export { type EmissionProcess, EmissionSchedule, type EmissionScheduleOptions } from './emission-schedule.ts'
export { type LoopCounts, LoopLedger, type LoopLedgerOptions } from './loop-ledger.ts'
export { loopTimeoutUs } from './loop-timeout.ts'
export { LossDetector, lossThresholds } from './loss-detector.ts'
export { type SegmentCount, SegmentStatistics } from './segment-statistics.ts'
