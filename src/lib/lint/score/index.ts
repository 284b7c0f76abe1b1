export * from './document-validity.ts'
export type { ScoreInput } from './feature.ts'
export * from './score.ts'
