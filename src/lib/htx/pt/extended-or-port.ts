/**
 * Tor's extended ORPort (tor-spec ext-orport): authentication by a cookie of the file system, then the name of the
 * transport and the address of the client, so that the bridge counts its users by transport and country.
 */
import { readFile } from 'node:fs/promises'
import { isIPv4, isIPv6, type Socket } from 'node:net'
import { AivError, concat, EMPTY, equal, type RandomSource, readU16, u16, utf8 } from '../../core/index.ts'
import { constantTimeEqual, hmac } from '../../crypto/index.ts'
import type { ByteReader } from '../service/index.ts'

const COOKIE_HEADER = utf8('! Extended ORPort Auth Cookie !\x0a')
const COOKIE_BYTES = 32
const AUTH_SAFE_COOKIE = 1
const SERVER_LABEL = utf8('ExtORPort authentication server-to-client hash')
const CLIENT_LABEL = utf8('ExtORPort authentication client-to-server hash')
const COMMAND = { DONE: 0x0000, USERADDR: 0x0001, TRANSPORT: 0x0002, OKAY: 0x1000 } as const
/** Authentication methods that a server may list. */
const METHODS_MOST = 32
/** Bytes of a command that is skipped. */
const BODY_MOST = 4096

/** @throws AivError `E_INPUT` when the file is none of tor's */
export async function readAuthCookie(path: string): Promise<Uint8Array> {
  const content = new Uint8Array(await readFile(path).catch(unreadable(path)))
  const header = content.subarray(0, COOKIE_HEADER.length)
  if (content.length !== COOKIE_HEADER.length + COOKIE_BYTES || !equal(header, COOKIE_HEADER))
    throw new AivError('E_INPUT', `${path} is not an authentication cookie of the extended ORPort`)
  return content.slice(COOKIE_HEADER.length)
}

/**
 * Brings a fresh connection to where the bytes of the client go through.
 * @throws AivError `E_AUTHENTICATION`, `E_MALFORMED`
 */
export async function enterExtendedOrPort(
  socket: Socket,
  reader: ByteReader,
  parts: {
    readonly cookie: Uint8Array
    readonly transport: string
    /** `HOST:PORT` of the client as its link says; not passed on when it is no address. */
    readonly client: string
    readonly random: RandomSource
  },
): Promise<void> {
  await authenticate(socket, reader, parts.cookie, parts.random)
  const user = userAddress(parts.client)
  socket.write(
    concat(
      user === undefined ? EMPTY : command(COMMAND.USERADDR, utf8(user)),
      command(COMMAND.TRANSPORT, utf8(parts.transport)),
      command(COMMAND.DONE, EMPTY),
    ),
  )
  for (;;) {
    const head = await reader.exactly(4)
    const length = readU16(head, 2)
    if (length > BODY_MOST) throw new AivError('E_MALFORMED', 'a command of the extended ORPort is too long')
    if (length > 0) await reader.exactly(length)
    if (readU16(head, 0) === COMMAND.OKAY) return
    throw new AivError('E_AUTHENTICATION', 'the extended ORPort refused the connection')
  }
}

function command(type: number, body: Uint8Array): Uint8Array {
  return concat(u16(type), u16(body.length), body)
}

/** Tor ends the connection over an address that it cannot read: one with a zone, say. */
function userAddress(client: string): string | undefined {
  const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(client) ?? []
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(v6 ?? '')?.[1]
  const host = mapped ?? v4 ?? v6?.replace(/%.*$/, '') ?? ''
  if (isIPv4(host)) return `${host}:${port}`
  return isIPv6(host) ? `[${host}]:${port}` : undefined
}

async function authenticate(
  socket: Socket,
  reader: ByteReader,
  cookie: Uint8Array,
  random: RandomSource,
): Promise<void> {
  const offered: number[] = []
  for (;;) {
    const [method = 0] = await reader.exactly(1)
    if (method === 0) break
    offered.push(method)
    if (offered.length > METHODS_MOST) throw new AivError('E_MALFORMED', 'this is no extended ORPort')
  }
  if (!offered.includes(AUTH_SAFE_COOKIE))
    throw new AivError('E_AUTHENTICATION', 'the extended ORPort does not offer SAFE_COOKIE')
  const clientNonce = random.bytes(COOKIE_BYTES)
  socket.write(concat(Uint8Array.of(AUTH_SAFE_COOKIE), clientNonce))
  const serverHash = await reader.exactly(32)
  const serverNonce = await reader.exactly(COOKIE_BYTES)
  // Whoever listens on the port without the cookie must not learn anything made with it.
  if (!constantTimeEqual(serverHash, hmac('sha256', cookie, SERVER_LABEL, clientNonce, serverNonce)))
    throw new AivError('E_AUTHENTICATION', 'the extended ORPort does not know its own cookie')
  socket.write(hmac('sha256', cookie, CLIENT_LABEL, clientNonce, serverNonce))
  const [status = 0] = await reader.exactly(1)
  if (status !== 1) throw new AivError('E_AUTHENTICATION', 'the extended ORPort refused the cookie')
}

function unreadable(path: string): (cause: Error) => never {
  return (cause) => {
    throw new AivError('E_INPUT', `cannot read ${path}: ${cause.message}`, { cause })
  }
}
