export * from './run-vectors.ts'
export * from './vector-suites.ts'
