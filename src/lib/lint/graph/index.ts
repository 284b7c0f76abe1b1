export * from './dependency-paths.ts'
export * from './find-components.ts'
