/** A name server of the loopback that answers as a test wants it. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

export interface NameServer {
  readonly address: string
  /** `NAME TYPE` of every question. */
  readonly asked: string[]
  readonly ports: Set<number>
}

/**
 * A name server by hand (RFC 1035 section 4). `records` has the addresses by `NAME TYPE` as bytes in hex, and nothing
 * for a name that does not exist; a name that begins with `slow` gets no answer.
 * @param unlike how a question is answered otherwise: not at all, with a failure, or after so many milliseconds
 */
export async function nameServer(
  records: Readonly<Record<string, readonly string[]>>,
  unlike: (question: string) => 'silence' | 'failure' | number | undefined = () => undefined,
): Promise<NameServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  const ports = new Set<number>()
  const delays: NodeJS.Timeout[] = []
  socket.on('message', (query, from) => {
    const labels: string[] = []
    let at = 12
    for (let length = query[at] as number; length > 0; length = query[at] as number) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length))
      at += 1 + length
    }
    const name = labels.join('.')
    const type = query.readUInt16BE(at + 1)
    const question = `${name} ${type === 28 ? 'AAAA' : 'A'}`
    asked.push(question)
    ports.add(from.port)
    const how = name.startsWith('slow') ? 'silence' : unlike(question)
    if (how === 'silence') return
    const exists = Object.keys(records).some((key) => key.startsWith(`${name} `))
    const answers = records[question] ?? []
    const head = Buffer.from([
      ...query.subarray(0, 2),
      0x81,
      how === 'failure' ? 0x82 : exists ? 0x80 : 0x83,
      0,
      1,
      0,
      answers.length,
      0,
      0,
      0,
      0,
    ])
    const bodies = answers.map((hex) =>
      Buffer.from(
        `c00c${type === 28 ? '001c' : '0001'}00010000003c${type === 28 ? '0010' : '0004'}${hex}`,
        'hex',
      ),
    )
    const answer = Buffer.concat([head, query.subarray(12, at + 5), ...bodies])
    const send = (): void => socket.send(answer, from.port, from.address)
    if (typeof how === 'number') delays.push(setTimeout(send, how))
    else send()
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => {
    for (const delay of delays) clearTimeout(delay)
    socket.close()
  })
  return { address: `127.0.0.1:${socket.address().port}`, asked, ports }
}
