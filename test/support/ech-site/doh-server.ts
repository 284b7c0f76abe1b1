/** DNS over HTTPS (RFC 8484) that knows one host on loopback, and its HTTPS record (RFC 9460) with ECH. For tests only. */
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import { joined, number, vector } from '../tls-server/wire.ts'
import { closed, portOf } from './ech-site.ts'

const TYPE = { a: 1, https: 65 } as const
const QUESTION_AT = 12
const PARAMETER = { alpn: 1, ech: 5 } as const
const TTL_SECONDS = 60

export interface DohServer {
  readonly port: number
  close(): Promise<void>
}

/** @param ech the ECHConfigList of the host */
export async function openDohServer(
  certificate: { readonly cert: string; readonly key: string },
  host: string,
  ech: Uint8Array,
): Promise<DohServer> {
  const server = createSecureServer({ ...certificate, allowHTTP1: true }, (request, response) => {
    answer(request, response, host, ech).catch(() => response.destroy())
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return { port: portOf(server), close: async () => await closed(server, sockets) }
}

async function answer(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  host: string,
  ech: Uint8Array,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const asked = /[?&]dns=([\w-]+)/.exec(request.url)?.[1]
  const query = asked === undefined ? Buffer.concat(chunks) : Buffer.from(asked, 'base64url')
  response.setHeader('content-type', 'application/dns-message')
  response.end(reply(query, host, ech))
}

function reply(query: Uint8Array, host: string, ech: Uint8Array): Uint8Array {
  const { name, end } = questionOf(query)
  const type = Buffer.from(query).readUInt16BE(end - 4)
  const data = name === host || name.endsWith(`._https.${host}`) ? recordData(type, host, ech) : undefined
  const question = query.subarray(QUESTION_AT, end)
  // An answer without recursion, of one question, with a record or without.
  const header = joined(
    query.subarray(0, 2),
    Uint8Array.of(0x81, 0x80, 0, 1, 0, data === undefined ? 0 : 1, 0, 0, 0, 0),
  )
  if (data === undefined) return joined(header, question)
  const toQuestion = number(0xc000 + QUESTION_AT, 2)
  return joined(
    header,
    question,
    toQuestion,
    number(type, 2),
    number(1, 2),
    number(TTL_SECONDS, 4),
    vector(2, data),
  )
}

function questionOf(query: Uint8Array): { readonly name: string; readonly end: number } {
  const labels: string[] = []
  let at = QUESTION_AT
  for (let length = query[at] as number; length > 0; length = query[at] as number) {
    labels.push(Buffer.from(query.subarray(at + 1, at + 1 + length)).toString('latin1'))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 + 4 }
}

function recordData(type: number, host: string, ech: Uint8Array): Uint8Array | undefined {
  if (type === TYPE.a) return Uint8Array.of(127, 0, 0, 1)
  if (type !== TYPE.https) return undefined
  const target = joined(...host.split('.').map((label) => vector(1, Buffer.from(label))), Uint8Array.of(0))
  const alpn = joined(vector(1, Buffer.from('http/1.1')))
  return joined(
    number(1, 2),
    target,
    joined(number(PARAMETER.alpn, 2), vector(2, alpn)),
    joined(number(PARAMETER.ech, 2), vector(2, ech)),
  )
}
