/**
 * A second process on a folder: receives half of `f` into it, be it that a peer puts it or that we get it, says so, and
 * takes the rest of what the peer has to say when a line comes from the parent process.
 */
import { once } from 'node:events'
import { concat } from '../../../../../src/lib/core/index.ts'
import { acceptService } from '../../../../../src/lib/htx/service/accept-service.ts'
import { getFile, receiveFiles } from '../../../../../src/lib/htx/service/file/index.ts'
import { until } from '../../../../support/file-exchange.ts'
import { hostileServer, item, offerOfBytes, openFileService } from '../../../../support/raw-file-peer.ts'
import { StreamPair } from '../../../../support/stream-pair.ts'
import { FILE, HALF, OTHER } from '../second-process.ts'

const [direction, into, restart] = process.argv.slice(2) as [string, string, string]
const begin = concat(item({ restart: restart === 'restart' }), FILE.subarray(0, HALF))

let done = 0
const onProgress = (bytes: number): void => {
  done = bytes
}

async function peerThatPuts(): Promise<(bytes: Uint8Array) => void> {
  const pair = new StreamPair()
  const service = receiveFiles({ into, clock: pair.clock, onProgress: (_, bytes) => onProgress(bytes) })
  pair.server.onStream((stream) => {
    void acceptService(stream, pair.server, { clock: pair.clock, services: { 'file/1': service } })
  })
  const { stream, reader } = await openFileService(pair.client, offerOfBytes('f', FILE)).catch(() =>
    process.exit(1),
  )
  await reader.item(4096)
  stream.write(begin)
  return (bytes) => void stream.write(bytes)
}

async function peerThatGives(): Promise<(bytes: Uint8Array) => void> {
  let write: (bytes: Uint8Array) => void = () => {}
  const pair = hostileServer(async ({ stream }) => {
    stream.write(concat(item(offerOfBytes('f', FILE)), begin))
    write = (bytes) => void stream.write(bytes)
  })
  void getFile(pair.client, 'f', into, { clock: pair.clock, onProgress })
  await until(() => done > 0)
  return (bytes) => write(bytes)
}

const goOn = await (direction === 'put' ? peerThatPuts() : peerThatGives())
await until(() => done === HALF)
process.stdout.write('half')
await once(process.stdin, 'data')
goOn(OTHER)
await until(() => done === HALF + OTHER.length)
process.stdout.write('more')
await once(process.stdin, 'data')
