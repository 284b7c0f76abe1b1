/** Arguments of pluggable transports (pt-spec version 1, sections 3.2.3, 3.3.3 and 3.5): keys and values as text. */
import { AivError } from '../../core/index.ts'

export type PtArguments = ReadonlyMap<string, string>

/**
 * Per-bridge arguments as they arrive in SOCKS: `key=value;key=value`, a backslash before what is meant literally.
 * @throws AivError `E_MALFORMED`
 */
export function parsePtArguments(text: string): PtArguments {
  const found = new Map<string, string>()
  if (text === '') return found
  for (const pair of splitUnescaped(text, ';')) {
    const at = indexUnescaped(pair, '=')
    if (at <= 0) throw new AivError('E_MALFORMED', 'a bridge argument is not KEY=VALUE')
    const key = unescaped(pair.slice(0, at))
    if (found.has(key)) throw new AivError('E_MALFORMED', `bridge argument ${key} stands twice`)
    found.set(key, unescaped(pair.slice(at + 1)))
  }
  return found
}

/**
 * Options of one transport from `TOR_PT_SERVER_TRANSPORT_OPTIONS`: `transport:key=value;transport:key=value`.
 * @throws AivError `E_MALFORMED`
 */
export function parseServerOptions(text: string, transport: string): PtArguments {
  const own: string[] = []
  for (const entry of text === '' ? [] : splitUnescaped(text, ';')) {
    const at = indexUnescaped(entry, ':')
    if (at <= 0) throw new AivError('E_MALFORMED', 'a transport option is not TRANSPORT:KEY=VALUE')
    if (unescaped(entry.slice(0, at)) === transport) own.push(entry.slice(at + 1))
  }
  return parsePtArguments(own.join(';'))
}

/** What stands behind `ARGS:` in SMETHOD. */
export function formatServerArguments(values: PtArguments): string {
  const escaped = (text: string): string => text.replace(/[\\=,]/g, '\\$&')
  return [...values].map(([key, value]) => `${escaped(key)}=${escaped(value)}`).join(',')
}

function splitUnescaped(text: string, separator: string): readonly string[] {
  const parts: string[] = []
  let rest = text
  for (;;) {
    const at = indexUnescaped(rest, separator)
    if (at < 0) return [...parts, rest]
    parts.push(rest.slice(0, at))
    rest = rest.slice(at + 1)
  }
}

function indexUnescaped(text: string, wanted: string): number {
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === wanted) return i
  }
  return -1
}

function unescaped(text: string): string {
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(text))
    throw new AivError('E_MALFORMED', 'an argument ends in a lone backslash')
  return text.replace(/\\(.)/gsu, '$1')
}
