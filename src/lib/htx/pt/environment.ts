/** What the parent process asks for in the environment (pt-spec version 1, section 3.2). */
import { isIPv6 } from 'node:net'
import { AivError } from '../../core/index.ts'
import { type PtArguments, parseServerOptions } from './arguments.ts'

export type PtEnvironment = Readonly<Record<string, string | undefined>>

export const TRANSPORT = 'htx'

export interface HostAndPort {
  /** IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

interface Shared {
  /** Folder for what lasts. */
  readonly state: string
  readonly exitOnStdinClose: boolean
  /** Transports that are not ours. */
  readonly unknown: readonly string[]
  /** Ours is among those asked for. */
  readonly wanted: boolean
}

export interface PtClient extends Shared {
  readonly role: 'client'
  /** URL of the proxy to dial through. */
  readonly proxy: string | undefined
}

export interface PtServer extends Shared {
  readonly role: 'server'
  readonly bind: HostAndPort
  readonly options: PtArguments
  readonly orPort: HostAndPort | undefined
  readonly extended: { readonly at: HostAndPort; readonly cookieFile: string } | undefined
}

/** The parent speaks no version that we know: it is told so in its own words. */
export class PtVersionError extends Error {}

const VERSION = '1'

/**
 * @throws PtVersionError
 * @throws AivError `E_USAGE` for what is missing or no value of its variable
 */
export function readPtEnvironment(env: PtEnvironment): PtClient | PtServer {
  const versions = required(env, 'TOR_PT_MANAGED_TRANSPORT_VER').split(',')
  if (!versions.includes(VERSION)) throw new PtVersionError()
  const state = required(env, 'TOR_PT_STATE_LOCATION')
  const exitOnStdinClose = env.TOR_PT_EXIT_ON_STDIN_CLOSE === '1'
  const client = env.TOR_PT_CLIENT_TRANSPORTS
  const server = env.TOR_PT_SERVER_TRANSPORTS
  if ((client === undefined) === (server === undefined))
    throw wrong('exactly one of TOR_PT_CLIENT_TRANSPORTS and TOR_PT_SERVER_TRANSPORTS must be set')
  if (client !== undefined) {
    const proxy = env.TOR_PT_PROXY
    return {
      role: 'client',
      state,
      exitOnStdinClose,
      ...wantedOf(client),
      proxy: proxy === undefined || proxy === '' ? undefined : proxy,
    }
  }
  const asked = wantedOf(server as string)
  const orPort = env.TOR_PT_ORPORT
  const extended = env.TOR_PT_EXTENDED_SERVER_PORT
  if (!orPort && !extended) throw wrong('neither TOR_PT_ORPORT nor TOR_PT_EXTENDED_SERVER_PORT is set')
  return {
    role: 'server',
    state,
    exitOnStdinClose,
    ...asked,
    bind: bindAddress(env.TOR_PT_SERVER_BINDADDR ?? ''),
    options: parseServerOptions(env.TOR_PT_SERVER_TRANSPORT_OPTIONS ?? '', TRANSPORT),
    orPort: orPort ? hostAndPort(orPort, 'TOR_PT_ORPORT') : undefined,
    extended: extended
      ? {
          at: hostAndPort(extended, 'TOR_PT_EXTENDED_SERVER_PORT'),
          cookieFile: required(env, 'TOR_PT_AUTH_COOKIE_FILE'),
        }
      : undefined,
  }
}

function wantedOf(list: string): Pick<Shared, 'wanted' | 'unknown'> {
  const names = list.split(',').filter((name) => name !== '')
  return {
    wanted: names.includes(TRANSPORT) || names.includes('*'),
    // They go back to the parent line by line: what cannot be a name of a transport is left out.
    unknown: names.filter((name) => name !== TRANSPORT && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)),
  }
}

/** `transport-host:port,…`; a free port of every interface where ours has no entry. */
function bindAddress(list: string): HostAndPort {
  const prefix = `${TRANSPORT}-`
  const own = list.split(',').find((entry) => entry.startsWith(prefix))
  return own === undefined
    ? { host: '0.0.0.0', port: 0 }
    : hostAndPort(own.slice(prefix.length), 'TOR_PT_SERVER_BINDADDR')
}

function hostAndPort(text: string, variable: string): HostAndPort {
  const [, v6, host, digits] = /^(?:\[([^\]]+)\]|([^[\]:]+)):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (!(port <= 65_535) || (v6 !== undefined && !isIPv6(v6))) throw wrong(`${variable} is not HOST:PORT`)
  return { host: v6 ?? (host as string), port }
}

function required(env: PtEnvironment, name: string): string {
  const value = env[name]
  if (value === undefined || value === '') {
    throw new AivError('E_USAGE', `${name} is not set`, {
      hint: 'This command is started by tor: name it in ClientTransportPlugin or ServerTransportPlugin.',
    })
  }
  return value
}

function wrong(message: string): AivError {
  return new AivError('E_USAGE', message)
}
