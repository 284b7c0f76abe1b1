export { KeepAlive } from './keep-alive.ts'
export { LinkRate } from './link-rate.ts'
