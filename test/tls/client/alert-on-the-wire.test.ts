/** An alert that is written has to arrive, although the connection is torn down right behind it. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { ALERT } from '../../../src/lib/tls/alert.ts'
import { connectTls, HelloBuilder, parseRoots, templateById } from '../../../src/lib/tls/index.ts'
import { identity, SERVER_NAME } from '../../support/tls-server/conversation.ts'
import { overwritten } from '../../support/tls-server/edits.ts'
import { type Script, saying } from '../../support/tls-server/script.ts'
import { type HeardAlert, ScriptedServer } from '../../support/tls-server/scripted-server.ts'

/** The alerts that a server on a socket has heard when the client is gone. */
async function heardAlerts(script: Script, behind: Uint8Array): Promise<readonly HeardAlert[]> {
  const scripted = new ScriptedServer(script, identity())
  const gone = Promise.withResolvers<void>()
  const server = createServer((socket) => {
    socket.on('data', (bytes: Buffer) => {
      const answer = scripted.receive(bytes)
      if (answer.length > 0) socket.write(Buffer.concat([answer, behind]))
    })
    // A client that leaves with bytes unread resets the connection.
    socket.on('error', () => {})
    socket.on('close', () => gone.resolve())
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const connected = connectTls({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    serverName: SERVER_NAME,
    builder: new HelloBuilder(templateById('chrome-154')),
    roots: parseRoots(identity().pem),
    clock: new ManualClock(1_795_564_800_000),
  })
  await expect(connected).rejects.toMatchObject({ code: 'E_HANDSHAKE' })
  await gone.promise
  return scripted.alerts
}

it.each([
  ['a server that waits', 0],
  ['a server that has sent a megabyte more', 1_048_576],
])('reaches %s', async (_what, more) => {
  const say = saying({ finished: (m) => [overwritten(m, 9, 1 ^ (m[9] ?? 0))] })
  expect(await heardAlerts({ say }, new Uint8Array(more))).toEqual([
    { description: ALERT.decryptError, isProtected: true },
  ])
})
