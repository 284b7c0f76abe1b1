/** Echoes on a TCP listener and prints the port. */
import { listenTcp } from '../../../src/lib/link/tcp.ts'

const listener = await listenTcp({
  host: '127.0.0.1',
  port: 0,
  onLink: (link) =>
    link.attach({
      data: (chunk) => link.write([chunk]),
      end: () => link.end(),
      drain: () => {},
      close: () => {},
    }),
})
process.stdout.write(`${listener.port}\n`)
