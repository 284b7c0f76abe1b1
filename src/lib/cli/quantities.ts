/** Durations (`250ms`, `30s`, `5m`) and sizes (`64KiB`, `10MB`) as people write them on the command line. */
import { AivError } from '../core/index.ts'

const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

const SIZE_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

const QUANTITY = /^(\d{1,16}(?:\.\d{1,9})?)([A-Za-z]*)$/

/**
 * Milliseconds of a duration; a bare `0` is allowed, any other number needs a unit.
 * @throws AivError `E_USAGE`
 */
export function parseDuration(text: string): number {
  return parseQuantity(text, DURATION_MS, 'a duration such as 250ms, 30s, 5m, 2h or 1d')
}

/**
 * Bytes of a size; a number without unit is bytes. `kB`, `MB` are powers of 1000, `KiB`, `MiB` of 1024.
 * @throws AivError `E_USAGE`
 */
export function parseSize(text: string): number {
  return parseQuantity(text, { ...SIZE_BYTES, '': 1 }, 'a size such as 4096, 64KiB or 10MB')
}

function parseQuantity(text: string, units: Readonly<Record<string, number>>, expected: string): number {
  const [, digits, unit] = QUANTITY.exec(text.trim()) ?? []
  const factor = unit === undefined || !Object.hasOwn(units, unit) ? undefined : units[unit]
  const zero = Number(digits) === 0 && unit === ''
  const value = zero ? 0 : Number(digits) * (factor ?? Number.NaN)
  if (!Number.isFinite(value)) throw new AivError('E_USAGE', `"${text}" is not ${expected}`)
  const whole = Math.round(value)
  if (!Number.isSafeInteger(whole)) throw new AivError('E_USAGE', `"${text}" is too large`)
  return whole
}

/** A size for people: `1.5 MiB`. */
export function formatSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** A duration for people: `250 ms`, `1.5 s`, `2 m 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`
}
