export type * from './bom/index.ts'
export * from './documents/document.ts'
export * from './vectors/index.ts'
