export * from './convert-bom.ts'
export * from './document.ts'
export * from './read-bom.ts'
export * from './write-bom.ts'
