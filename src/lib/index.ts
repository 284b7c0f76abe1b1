/** The library as one import; each area is also an entry of its own, such as `aivillage/noise`. */
export * as core from './core/index.ts'
export * as crypto from './crypto/index.ts'
export * as htx from './htx/index.ts'
export * as identity from './identity/index.ts'
export * as link from './link/index.ts'
export * as noise from './noise/index.ts'
export * as storage from './storage/index.ts'
