export type { ScoreInput } from './feature.ts'
export * from './score.ts'
