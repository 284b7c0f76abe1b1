/**
 * The library as one import: sessions, services, identities and errors. Each area is also an entry of its own, such as
 * `aivillage/noise`.
 */
export { AivError, type ErrorCode, isAivError } from './core/index.ts'
export * from './htx/index.ts'
export * from './identity/index.ts'
