export * from './bom.ts'
export * from './component.ts'
export * from './public-address.ts'
