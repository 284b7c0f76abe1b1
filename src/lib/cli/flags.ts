/** Flag types of the project on top of oclif's. */
import * as Flags from '@oclif/core/flags'
import { AivError } from '../core/index.ts'
import { parseDuration, parseSize } from './quantities.ts'

/** `--timeout 30s`: the value is milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: 'DURATION',
  parse: async (text) => parseDuration(text),
})

/** `--buffer 64KiB`: the value is bytes. */
export const sizeFlag = Flags.custom<number>({ helpValue: 'SIZE', parse: async (text) => parseSize(text) })

/** `HOST:PORT`, `[v6]:PORT` or `:PORT`. */
export interface HostPort {
  /** Empty when only a port was given. IPv6 without brackets. */
  readonly host: string
  /** 0..65535 */
  readonly port: number
}

const HOST_PORT = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^[\]:]*)):(\d{1,5})$/

/** @throws AivError `E_USAGE` */
export function parseHostPort(text: string): HostPort {
  const [, v6, name, digits] = HOST_PORT.exec(text) ?? []
  const port = Number(digits)
  if (!(port <= 65_535)) throw new AivError('E_USAGE', `"${text}" is not HOST:PORT, such as 127.0.0.1:8443`)
  return { host: v6 ?? name ?? '', port }
}

/** `--socks 127.0.0.1:1080`. */
export const hostPortFlag = Flags.custom<HostPort>({
  helpValue: 'HOST:PORT',
  parse: async (text) => parseHostPort(text),
})

/** What every `bench` takes. */
export const BENCH_FLAGS = {
  only: Flags.string({
    summary: 'measure only these, separated by commas; may be repeated',
    multiple: true,
    delimiter: ',',
    helpValue: 'NAME,…',
  }),
  runs: Flags.integer({ summary: 'how often each is measured', default: 5, min: 1, max: 1000 }),
}
