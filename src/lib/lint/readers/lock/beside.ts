/** Files beside the one that is read, and formats of versions that are not known. */
import { positionAt, UnreadableText } from '../parse/index.ts'
import type { ReadProblem } from '../reader.ts'
import { problemOf } from './read-lockfile.ts'

/**
 * Reads a file beside the lockfile, such as a manifest. Where it does not parse, that is a warning, and the lockfile
 * is read without it.
 */
export function readBeside<T>(path: string, problems: ReadProblem[], read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    problems.push({ ...problemOf(path, error), severity: 'warning' })
    return undefined
  }
}

/**
 * @param key finds the line of the version
 * @param known for people: `1 to 4`
 * @throws UnreadableText at the place of the version
 */
export function unknownVersion(text: string, key: RegExp, version: unknown, known: string): never {
  throw new UnreadableText(
    `version ${JSON.stringify(version)} of the format is not known, only ${known}`,
    positionAt(text, key.exec(text)?.index ?? 0),
  )
}
