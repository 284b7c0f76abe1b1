/** Conditional requests and ranges on a file (RFC 9110 sections 13 and 14). */
import { type HeaderFields, onlyValueOf } from '../site-request.ts'

export interface Validators {
  /** Strong, quoted. */
  readonly etag: string
  /** Whole seconds since the Unix epoch. */
  readonly modified: number
  /** Bytes. */
  readonly size: number
}

export type Selection =
  | { readonly kind: 'whole' }
  | { readonly kind: 'not-modified' }
  | { readonly kind: 'unsatisfiable' }
  /** Both included. */
  | { readonly kind: 'part'; readonly first: number; readonly last: number }

/** One range; several at once are answered with the whole, as RFC 9110 section 14.2 allows. */
const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/

export function select(fields: HeaderFields, validators: Validators): Selection {
  if (isUnchanged(fields, validators)) return { kind: 'not-modified' }
  const [, from, to] = RANGE.exec(onlyValueOf(fields, 'range') ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return { kind: 'whole' }
  if (!isSameForRange(fields, validators)) return { kind: 'whole' }
  const { size } = validators
  // The last bytes.
  if (from === '') {
    const first = Math.max(0, size - Number(to))
    return first >= size ? { kind: 'unsatisfiable' } : { kind: 'part', first, last: size - 1 }
  }
  const first = Number(from)
  if (to !== '' && Number(to) < first) return { kind: 'whole' }
  if (first >= size) return { kind: 'unsatisfiable' }
  return { kind: 'part', first, last: to === '' ? size - 1 : Math.min(Number(to), size - 1) }
}

function isUnchanged(fields: HeaderFields, { etag, modified }: Validators): boolean {
  const tags = onlyValueOf(fields, 'if-none-match')
  if (tags !== undefined) {
    const names = tags.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    return names.includes('*') || names.includes(etag)
  }
  const since = secondsOf(onlyValueOf(fields, 'if-modified-since'))
  return since !== undefined && modified <= since
}

function isSameForRange(fields: HeaderFields, { etag, modified }: Validators): boolean {
  const condition = onlyValueOf(fields, 'if-range')
  if (condition === undefined || condition === etag) return true
  return secondsOf(condition) === modified
}

function secondsOf(date: string | undefined): number | undefined {
  const ms = date === undefined ? Number.NaN : Date.parse(date)
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000)
}
