export type { MergeConflict } from './combine-components.ts'
export * from './merge.ts'
