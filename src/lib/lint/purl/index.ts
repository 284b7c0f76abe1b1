export * from './purl.ts'
