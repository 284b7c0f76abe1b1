/** What the parent is told while the transport runs: LOG and STATUS (pt-spec version 1, sections 3.3.4 and 3.3.5). */
import { utf8 } from '../../core/index.ts'

export type PtSeverity = 'error' | 'warning' | 'notice' | 'info' | 'debug'

/** Longer texts are cut: the parent reads a line at a time. Bytes before escaping. */
const TEXT_MOST = 512
/** What a value may be made of to stand without quotes. */
const BARE = /^[A-Za-z0-9_.:[\]-]+$/
const SHORT: ReadonlyMap<number, string> = new Map([
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
])

export function logLine(severity: PtSeverity, message: string): string {
  return `LOG SEVERITY=${severity} MESSAGE=${cString(message)}`
}

/** @param values at least one; keys are words of our own */
export function statusLine(transport: string, values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries({ TRANSPORT: transport, ...values })
  return `STATUS ${pairs.map(([key, value]) => `${key}=${BARE.test(value) ? value : cString(value)}`).join(' ')}`
}

/**
 * A CString of control-spec section 2.1.1: nothing in it can end the line or the quotes. Everything that is not
 * printable ASCII becomes three octal digits a byte; NUL, which ends a string in C, becomes a question mark.
 */
function cString(text: string): string {
  let quoted = '"'
  for (const byte of utf8(text).subarray(0, TEXT_MOST)) {
    const short = SHORT.get(byte)
    if (short !== undefined) quoted += short
    else if (byte === 0) quoted += '?'
    else if (byte < 0x20 || byte > 0x7e) quoted += `\\${byte.toString(8).padStart(3, '0')}`
    else quoted += String.fromCharCode(byte)
  }
  return `${quoted}"`
}
