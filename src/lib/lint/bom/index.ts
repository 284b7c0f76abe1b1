export * from './bom.ts'
export * from './component.ts'
