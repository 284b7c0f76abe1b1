/**
 * The SOCKS5 of pluggable transports (RFC 1928, RFC 1929, pt-spec version 1 section 3.5): CONNECT alone, and user name
 * and password carry the arguments of the bridge.
 */
import type { Socket } from 'node:net'
import { AivError, type ErrorCode, fromUtf8, isAivError, readU16 } from '../../core/index.ts'
import type { ByteReader } from '../service/index.ts'
import { type PtArguments, parsePtArguments } from './arguments.ts'
import type { HostAndPort } from './environment.ts'

const VERSION = 5
const METHOD = { NONE: 0, PASSWORD: 2, UNACCEPTABLE: 0xff } as const
const COMMAND_CONNECT = 1
const TYPE = { V4: 1, NAME: 3, V6: 4 } as const

export interface SocksRequest {
  readonly target: HostAndPort
  readonly values: PtArguments
}

/** What SOCKS calls a failure. */
const REPLY: Partial<Record<ErrorCode, number>> = {
  E_UNREACHABLE: 4,
  E_TIMEOUT: 4,
  E_UNSUPPORTED: 7,
  E_PERMISSION: 2,
}
const REPLY_FAILURE = 1

/**
 * Reads a request up to the point where the answer is due.
 * @throws AivError `E_MALFORMED`, `E_UNSUPPORTED`; the socket's own error
 */
export async function readSocksRequest(reader: ByteReader, socket: Socket): Promise<SocksRequest> {
  const [version = 0, count = 0] = await reader.exactly(2)
  if (version !== VERSION || count === 0) throw new AivError('E_MALFORMED', 'this is no SOCKS5')
  const methods = await reader.exactly(count)
  let values: PtArguments = new Map()
  if (methods.includes(METHOD.PASSWORD)) {
    socket.write(Uint8Array.of(VERSION, METHOD.PASSWORD))
    values = await readArguments(reader, socket)
  } else if (methods.includes(METHOD.NONE)) socket.write(Uint8Array.of(VERSION, METHOD.NONE))
  else {
    socket.write(Uint8Array.of(VERSION, METHOD.UNACCEPTABLE))
    throw new AivError('E_UNSUPPORTED', 'the SOCKS client offers no method that is spoken here')
  }
  return { target: await readTarget(reader), values }
}

/** The answer to a request. */
export function socksReply(error?: unknown): Uint8Array {
  const code =
    error === undefined ? 0 : ((isAivError(error) ? REPLY[error.code] : undefined) ?? REPLY_FAILURE)
  return Uint8Array.of(VERSION, code, 0, TYPE.V4, 0, 0, 0, 0, 0, 0)
}

/** User name, then password where one did not hold them all; RFC 1929 knows no empty password, so that is one NUL. */
async function readArguments(reader: ByteReader, socket: Socket): Promise<PtArguments> {
  const [version = 0, userLength = 0] = await reader.exactly(2)
  if (version !== 1 || userLength === 0) throw new AivError('E_MALFORMED', 'this is no user name')
  const user = await reader.exactly(userLength)
  const [passwordLength = 0] = await reader.exactly(1)
  if (passwordLength === 0) throw new AivError('E_MALFORMED', 'this is no password')
  const password = await reader.exactly(passwordLength)
  const isEmpty = password.length === 1 && password[0] === 0
  const bytes = new Uint8Array(user.length + (isEmpty ? 0 : password.length))
  bytes.set(user)
  if (!isEmpty) bytes.set(password, user.length)
  try {
    const values = parsePtArguments(fromUtf8(bytes))
    socket.write(Uint8Array.of(1, 0))
    return values
  } catch (error) {
    socket.write(Uint8Array.of(1, 1))
    throw error
  }
}

async function readTarget(reader: ByteReader): Promise<HostAndPort> {
  const [version = 0, command = 0, , type = 0] = await reader.exactly(4)
  if (version !== VERSION) throw new AivError('E_MALFORMED', 'this is no SOCKS5 request')
  if (command !== COMMAND_CONNECT) throw new AivError('E_UNSUPPORTED', 'only CONNECT is offered here')
  const host = await readHost(reader, type)
  return { host, port: readU16(await reader.exactly(2), 0) }
}

async function readHost(reader: ByteReader, type: number): Promise<string> {
  switch (type) {
    case TYPE.V4:
      return (await reader.exactly(4)).join('.')
    case TYPE.V6: {
      const bytes = await reader.exactly(16)
      return Array.from({ length: 8 }, (_, i) => readU16(bytes, i * 2).toString(16)).join(':')
    }
    case TYPE.NAME: {
      const [length = 0] = await reader.exactly(1)
      if (length === 0) throw new AivError('E_MALFORMED', 'the name in the SOCKS request is empty')
      return fromUtf8(await reader.exactly(length))
    }
    default:
      throw new AivError('E_MALFORMED', 'the SOCKS request has no kind of address')
  }
}
