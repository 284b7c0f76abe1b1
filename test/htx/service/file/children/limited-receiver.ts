/**
 * Sends the file `source` of a folder into its `inbox`, under limits that the parent process has set, and prints what
 * the sender was told and what is left. With `permission` the inbox may not be written; root becomes nobody first,
 * because permissions do not bind root.
 */
import { chmodSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { acceptService } from '../../../../../src/lib/htx/service/accept-service.ts'
import { putFile, receiveFiles } from '../../../../../src/lib/htx/service/file/index.ts'
import { StreamPair } from '../../../../support/stream-pair.ts'

const [folder, limit] = process.argv.slice(2) as [string, string]
const source = join(folder, 'source')
const inbox = join(folder, 'inbox')
mkdirSync(inbox)
if (limit === 'permission') {
  chmodSync(folder, 0o755)
  chmodSync(source, 0o644)
  chmodSync(inbox, 0o555)
  if (process.getuid?.() === 0) process.setuid?.(65_534)
}

const pair = new StreamPair()
const errors: unknown[] = []
pair.server.onStream((stream) => {
  const services = { 'file/1': receiveFiles({ into: inbox, clock: pair.clock }) }
  const onError = (error: Error): void => void errors.push('code' in error ? error.code : error.message)
  void acceptService(stream, pair.server, { clock: pair.clock, services, onError })
})
const failure = await putFile(pair.client, source).then(
  () => 'none',
  (error: Error) => error.message,
)
const left = readdirSync(inbox).map((name) => [name.slice(-5), statSync(join(inbox, name)).size])
process.stdout.write(JSON.stringify({ failure, errors, left }))
