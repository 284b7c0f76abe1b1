/** Both ends of QUIC links for one test, and a path between them that the test disturbs. */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import type { Link, Listener } from '../../../src/lib/link/index.ts'
import { dialQuic, listenQuic } from '../../../src/lib/link/quic.ts'
import { Recorder } from '../recorder.ts'

export async function listen(onLink: (link: Link) => void, host = '127.0.0.1'): Promise<Listener> {
  const listener = await listenQuic({ host, port: 0, idleTimeoutMs: 3000, onLink })
  onTestFinished(() => void listener.close())
  return listener
}

export async function dial(listener: Pick<Listener, 'host' | 'port'>): Promise<Recorder> {
  const recorder = Recorder.attach(await dialQuic(listener.host, listener.port, { timeoutMs: 3000 }))
  onTestFinished(() => recorder.link.abort())
  return recorder
}

/** A UDP relay in front of `port`; `passes` decides datagram by datagram. */
export async function relay(
  port: number,
  passes: (fromClient: boolean, count: number) => boolean,
): Promise<number> {
  const outside = createSocket('udp4')
  const inside = createSocket('udp4')
  onTestFinished(() => {
    outside.close()
    inside.close()
  })
  let client: RemoteInfo | undefined
  const counts = { client: 0, server: 0 }
  outside.on('message', (datagram, from) => {
    client = from
    if (passes(true, counts.client++)) inside.send(datagram, port, '127.0.0.1')
  })
  inside.on('message', (datagram) => {
    if (client !== undefined && passes(false, counts.server++))
      outside.send(datagram, client.port, client.address)
  })
  outside.bind(0, '127.0.0.1')
  inside.bind(0, '127.0.0.1')
  await Promise.all([once(outside, 'listening'), once(inside, 'listening')])
  return outside.address().port
}
