/** Listens with a backlog of one, prints the port and then never accepts: its event loop stands still. */
import { createServer } from 'node:net'

const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  const address = server.address()
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`, () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })
})
