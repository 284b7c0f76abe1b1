export { IdlePadding } from './idle-padding.ts'
export { KeepAlive } from './keep-alive.ts'
export { LinkRate } from './link-rate.ts'
