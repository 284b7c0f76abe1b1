/**
 * Which names a peer may give to a file (section 12.2): single path segments, one per directory level, separated by
 * `/`. A name that passes here means the same file on every system, or is refused.
 */
import { AivError, toHex, utf8 } from '../../../../core/index.ts'
import { sha256 } from '../../../../crypto/index.ts'
import { NAME_BYTES_MOST, NAME_DEPTH_MOST, SEGMENT_BYTES_MOST } from '../constants.ts'

/** C0, DEL and C1: a terminal would obey them. */
const CONTROL = /\p{Cc}/u
/** They make a name show as another one. LRM and RLM, which ordinary right-to-left names contain, are not among them. */
const REORDERING = /[\u2028\u2029\u202a-\u202e\u2066-\u2069]/
/** Stands for bytes that were no UTF-8: nobody knows which. */
const REPLACEMENT = '\ufffd'
const DRIVE = /^[a-z]:/i
/** Names that Windows gives to devices, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\.|$)/i
/** What Windows cuts off, or takes for a stream, a wildcard or a separator. */
const WINDOWS_ONLY = /[<>:"|?*]|[. ]$/
const PART = /\.[0-9a-f]{16}\.part$/i
/** The lock of an unfinished file, and what SQLite would read beside it. */
const PART_LOCK = /^\.[0-9a-f]{16}\.part-lock(?:-.*)?$/i
/** Length of what `PART` matches. */
const PART_SUFFIX_BYTES = 22

/**
 * Splits a name that came from a peer or goes to one.
 * @returns at least one segment
 * @throws AivError `E_FILE_PATH` when any segment is not allowed
 */
export function nameSegments(name: string, platform: NodeJS.Platform = process.platform): string[] {
  if (utf8(name).length > NAME_BYTES_MOST) throw refused(`is longer than ${NAME_BYTES_MOST} bytes`)
  const segments = name.split('/')
  if (segments.length > NAME_DEPTH_MOST) throw refused(`is deeper than ${NAME_DEPTH_MOST} levels`)
  for (const segment of segments) {
    const problem = segmentProblem(segment, platform)
    if (problem !== undefined) throw refused(problem)
  }
  // Otherwise a peer could write into, or read, what another one has sent so far, or undo its lock.
  if (isPartName(segments.at(-1) as string) || segments.some((each) => PART_LOCK.test(each)))
    throw refused('is that of an unfinished transfer')
  return segments
}

/** Why a segment is not allowed, in words; undefined when it is. */
export function segmentProblem(
  segment: string,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (segment === '') return 'is empty, is absolute or has an empty segment'
  if (segment === '.' || segment === '..') return `has the segment ${segment}`
  if (!segment.isWellFormed() || segment.includes(REPLACEMENT)) return 'is not valid Unicode'
  if (CONTROL.test(segment)) return 'holds a control character'
  if (segment.includes('\\')) return 'holds a backslash'
  if (segment.includes('/')) return 'holds a slash'
  if (REORDERING.test(segment)) return 'holds a character that changes how it is shown'
  if (segment.normalize('NFC') !== segment) return 'is not in Unicode NFC'
  if (DRIVE.test(segment)) return 'starts with a drive letter'
  if (DEVICE.test(segment)) return 'is the name of a device'
  if (utf8(segment).length > SEGMENT_BYTES_MOST)
    return `has a segment of more than ${SEGMENT_BYTES_MOST} bytes`
  if (platform === 'win32' && WINDOWS_ONLY.test(segment)) return 'cannot be on this system'
  return undefined
}

/**
 * Name of the unfinished file beside its target. It depends on the content, so that two senders of one name do not
 * write over each other, and on nothing else, so that a transfer continues after either process was restarted.
 * @param fingerprint 32 bytes
 */
export function partName(name: string, fingerprint: Uint8Array): string {
  return `${partStem(name)}.${toHex(fingerprint.subarray(0, 8))}.part`
}

/** One text for all paths that lead to one file: systems other than Linux do not tell capital letters from small ones. */
export function foldedPath(path: string): string {
  return process.platform === 'linux' ? path : path.toLowerCase()
}

/**
 * Name of the lock of an unfinished file. It is short: the names that SQLite puts together from it must fit, too.
 * @param path of the unfinished file, from the directory of the lock
 */
export function partLockName(path: string): string {
  return `.${toHex(sha256(utf8(foldedPath(path))).subarray(0, 8))}.part-lock`
}

/** True for any unfinished file and its lock. */
export function isPartName(entry: string): boolean {
  return PART.test(entry) || PART_LOCK.test(entry)
}

/** True for an unfinished file of `name`. */
export function isPartOf(entry: string, name: string): boolean {
  return PART.test(entry) && entry.slice(0, -PART_SUFFIX_BYTES) === partStem(name)
}

/** The name itself, or what is left of a long one and its hash, so that the suffix still fits. */
function partStem(name: string): string {
  const most = SEGMENT_BYTES_MOST - PART_SUFFIX_BYTES
  const bytes = utf8(name)
  if (bytes.length <= most) return name
  const tag = `~${toHex(sha256(bytes).subarray(0, 8))}`
  let end = most - tag.length
  while (((bytes[end] as number) & 0xc0) === 0x80) end--
  return Buffer.from(bytes.subarray(0, end)).toString() + tag
}

function refused(problem: string): AivError {
  return new AivError('E_FILE_PATH', `the file name ${problem}`)
}
