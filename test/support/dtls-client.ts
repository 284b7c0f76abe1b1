/** What an openssl client sends when it begins a DTLS handshake over loopback. */
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { dtlsFragment, dtlsRecord } from './dtls-datagrams.ts'

const LIMIT_MS = 20_000

/**
 * Answers the first hello, which takes two datagrams at this size, with a HelloVerifyRequest, and waits for the second.
 * @returns the datagrams of the client in order
 */
export async function dtlsClientDatagrams(
  openssl: string,
  serverName: string,
  cookie: Uint8Array,
): Promise<readonly Uint8Array[]> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const target = `127.0.0.1:${socket.address().port}`
  const args = ['s_client', '-dtls1_2', '-mtu', '256', '-servername', serverName, '-connect', target]
  const client = spawn(openssl, args, { stdio: ['pipe', 'ignore', 'ignore'] })
  const datagrams: Uint8Array[] = []
  const signal = AbortSignal.timeout(LIMIT_MS)
  try {
    while (datagrams.length < 4) {
      const [datagram, from] = (await once(socket, 'message', { signal })) as [Uint8Array, { port: number }]
      datagrams.push(datagram)
      if (datagrams.length === 2) socket.send(helloVerifyRequest(cookie), from.port, '127.0.0.1')
    }
    return datagrams
  } finally {
    client.kill()
    socket.close()
  }
}

function helloVerifyRequest(cookie: Uint8Array): Uint8Array {
  const data = Buffer.concat([Uint8Array.of(0xfe, 0xff, cookie.length), cookie])
  return dtlsRecord(dtlsFragment({ type: 3, length: data.length, messageSeq: 0, offset: 0, data }))
}
