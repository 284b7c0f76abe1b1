import { expect, it } from 'vitest'
import { acceptService, encodeServiceHeader } from '../../../src/lib/htx/service/index.ts'
import { StreamPair } from '../../support/stream-pair.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('data and FIN that came with the header are there for a service that takes its time', async () => {
  const pair = new StreamPair()
  const received = Promise.withResolvers<string>()
  pair.server.onStream((stream) => {
    void acceptService(stream, pair.server, {
      clock: pair.clock,
      services: {
        slow: async ({ accept, reader }) => {
          for (let i = 0; i < 50; i++) await turn()
          accept()
          reader.release()
          let text = ''
          for await (const chunk of stream) text += chunk
          received.resolve(text)
        },
      },
      onError: (error) => received.reject(error),
    })
  })
  const stream = pair.client.openStream()
  // The service reads to the end and then lets go.
  stream.on('error', () => {})
  stream.resume()
  stream.write(encodeServiceHeader({ name: 'slow', params: {} }))
  stream.end('everything at once')
  expect(await received.promise).toBe('everything at once')
})
