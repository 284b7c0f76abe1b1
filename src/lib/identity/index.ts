export * from './certificate.ts'
export * from './peer-id.ts'
