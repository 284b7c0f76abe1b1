/** What the compiled schemas in `dist/schemas` call. */
export { FORMATS } from './formats.ts'
export { isUnique } from './unique.ts'
