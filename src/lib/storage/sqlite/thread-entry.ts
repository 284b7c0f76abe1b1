/**
 * Entry of the storage threads. node:sqlite is synchronous, so writes with their fsync, and the walk of `verify`,
 * run here instead of stopping the program's event loop.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import {
  errorMessage,
  failedReply,
  type OutcomeMessage,
  type VerifierStart,
  type WorkerData,
  type WorkerReply,
  type WriterRequest,
  type WriterStart,
} from './protocol.ts'
import { verifyFile } from './verify-file.ts'
import { SqliteWriter } from './writer.ts'

function done(value: unknown): WorkerReply {
  return { kind: 'done', value }
}

function answer(writer: SqliteWriter, request: WriterRequest): unknown {
  switch (request.kind) {
    case 'group':
      return writer
        .applyGroup(request.group)
        .map((outcome): OutcomeMessage => (typeof outcome === 'boolean' ? outcome : errorMessage(outcome)))
    case 'deleteRange':
      return writer.deleteRange(request.bounds)
    case 'compact':
      return writer.compact()
    case 'beginMigration':
      return writer.beginMigration()
    case 'writeMigration':
      return writer.writeMigration(request.group)
    case 'commitMigration':
      return writer.commitMigration(request.version)
    case 'abortMigration':
      return writer.abortMigration()
    case 'close':
      return writer.close()
  }
}

function serveWriter(port: MessagePort, start: WriterStart): void {
  let writer: SqliteWriter
  try {
    writer = new SqliteWriter(start.settings, start.schema)
  } catch (error) {
    port.postMessage(failedReply(error, `cannot open the store ${start.settings.path}`))
    return
  }
  port.postMessage(done(writer.schema))
  port.on('message', (request: WriterRequest) => {
    let reply: WorkerReply
    try {
      reply = done(answer(writer, request))
    } catch (error) {
      reply = failedReply(error, 'cannot write to the store')
    }
    port.postMessage(reply)
    if (request.kind === 'close') port.close()
  })
}

function serveVerifier(port: MessagePort, start: VerifierStart, stopped: () => boolean): void {
  try {
    port.postMessage(done(verifyFile(start.path, start.name, stopped)))
  } catch (error) {
    port.postMessage(failedReply(error, `cannot verify the store ${start.path}`))
  }
}

if (parentPort !== null) {
  const { start, stop } = workerData as WorkerData
  const flag = new Int32Array(stop)
  if (start.role === 'writer') serveWriter(parentPort, start)
  else serveVerifier(parentPort, start, () => Atomics.load(flag, 0) !== 0)
}
