/** A recorded session and its key log, as the examples of `aiv htx decode` name them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyLogOf, type RecordedSession, recordedSessions, recordingOf } from './recordings.ts'
import type { Workplace } from './shell.ts'

/** @returns a reason where the recorded sessions are not there */
export function prepareRecording({ folder }: Workplace): string | undefined {
  const session: RecordedSession | undefined = recordedSessions()[0]
  if (session === undefined) return 'no conformance files'
  writeFileSync(join(folder, 'session.rec'), recordingOf(session))
  writeFileSync(join(folder, 'keys.log'), keyLogOf(session))
  return undefined
}
