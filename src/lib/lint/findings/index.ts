export * from './finding.ts'
export * from './fingerprint.ts'
export * from './report.ts'
