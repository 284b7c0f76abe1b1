/** With the TLS of Node on the loopback: its client is read, and its server takes a hello of Chrome. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { AivError, concat, type DemoCheck, type DemoContext, fromUtf8, readU16 } from '../../../core/index.ts'
import {
  alpnProtocols,
  type FoundHello,
  findHellos,
  HelloBuilder,
  ja4,
  matchHello,
  serverName,
  templateOfVersion,
} from '../../../tls/index.ts'
import { DEMO_SERVER } from './server-certificate.ts'

const LOOPBACK = '127.0.0.1'
const LIMIT_MS = 5_000
const RECORD_HEADER_BYTES = 5
/** The length of the session id: behind both headers, the version and the random. At most 32 is right. */
const SESSION_ID_AT = RECORD_HEADER_BYTES + 4 + 2 + 32
const TOO_LONG = 0xff
const RECORD = { alert: 21, handshake: 22 } as const

/** What the client of Node is told to offer. */
const OFFER = {
  servername: 'demo.invalid',
  ALPNProtocols: ['h2', 'http/1.1'],
  ciphers: 'TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256',
  minVersion: 'TLSv1.3',
} as const
/** The numbers of its ciphers (RFC 8446 appendix B.4). */
const OFFERED_SUITES = '1303,1301'
/** Says something about renegotiation and is no cipher (RFC 5746); older OpenSSL adds it. */
const SIGNALLING_SUITE = 0x00ff

export async function showClient(context: DemoContext): Promise<DemoCheck> {
  const record = await firstRecordOfNode(context)
  const found = await helloIn(record)
  if (found?.kind !== 'client') throw new AivError('E_INTERNAL', 'no hello was found')
  const { hello } = found
  const name = serverName(hello)
  const protocols = alpnProtocols(hello).map(fromUtf8)
  const suites = hello.cipherSuites
    .filter((suite) => suite !== SIGNALLING_SUITE)
    .map((suite) => suite.toString(16))
  const print = ja4(hello, 'tcp').ja4
  const match = matchHello(hello, 'tcp').verdict
  return {
    name: 'a live client of node:tls is read: the name, protocols and ciphers that it was told to offer',
    passed:
      name !== undefined &&
      fromUtf8(name) === OFFER.servername &&
      protocols.join() === OFFER.ALPNProtocols.join() &&
      suites.join() === OFFERED_SUITES &&
      print.startsWith('t13d') &&
      match !== 'match',
    detail: `${print}, no browser`,
  }
}

export async function showServer(context: DemoContext): Promise<DemoCheck> {
  const { record } = new HelloBuilder(templateOfVersion('chrome', 'latest')).build({ host: 'demo.invalid' })
  const damaged = record.slice()
  damaged[SESSION_ID_AT] = TOO_LONG
  const server = createTlsServer({ ...DEMO_SERVER, ALPNProtocols: ['h2'] })
  server.on('tlsClientError', () => {})
  return await listening(server, context, async (port, signal) => {
    const [answer, refusal] = [await answerTo(record, port, signal), await answerTo(damaged, port, signal)]
    const found = answer[0] === RECORD.handshake ? await helloIn(answer) : undefined
    const isAnswered = found?.kind === 'server'
    return {
      name: 'a server of node:tls answers the hello of Chrome with its own, and a damaged one with an alert',
      passed: isAnswered && refusal[0] === RECORD.alert,
      detail: isAnswered ? `ServerHello, suite ${found.hello.cipherSuite.toString(16)}` : 'no ServerHello',
    }
  })
}

async function firstRecordOfNode(context: DemoContext): Promise<Uint8Array> {
  const server = createServer()
  return await listening(server, context, async (port, signal) => {
    const accepted = once(server, 'connection', { signal })
    const client = connectTls({ ...OFFER, host: LOOPBACK, port, rejectUnauthorized: false })
    // It gets no answer.
    client.on('error', () => {})
    try {
      const [socket] = (await accepted) as [Socket]
      return await readRecord(socket, signal)
    } finally {
      client.destroy()
    }
  })
}

async function answerTo(record: Uint8Array, port: number, signal: AbortSignal): Promise<Uint8Array> {
  const socket = connect({ host: LOOPBACK, port, signal })
  await once(socket, 'connect', { signal })
  socket.write(record)
  return await readRecord(socket, signal)
}

/** The first record; the connection is gone afterwards. */
async function readRecord(socket: Socket, signal: AbortSignal): Promise<Uint8Array> {
  const onAbort = (): void => {
    socket.destroy(new AivError('E_TIMEOUT', 'the other side of the connection said nothing'))
  }
  signal.addEventListener('abort', onAbort, { once: true })
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of socket as AsyncIterable<Uint8Array>) {
      chunks.push(chunk)
      const bytes = concat(...chunks)
      const end = bytes.length < RECORD_HEADER_BYTES ? undefined : RECORD_HEADER_BYTES + readU16(bytes, 3)
      if (end !== undefined && bytes.length >= end) return bytes.subarray(0, end)
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    socket.destroy()
  }
  throw new AivError('E_LINK_LOST', 'the connection ended within a record')
}

async function listening<T>(
  server: Server,
  context: DemoContext,
  use: (port: number, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(LIMIT_MS)])
  server.listen(0, LOOPBACK)
  await once(server, 'listening', { signal })
  try {
    return await use((server.address() as AddressInfo).port, signal)
  } finally {
    server.close()
  }
}

async function helloIn(record: Uint8Array): Promise<FoundHello | undefined> {
  let hello: FoundHello | undefined
  const input = (async function* () {
    yield record
  })()
  await findHellos(input, {
    onHello: (found) => {
      hello ??= found
    },
  })
  return hello
}
