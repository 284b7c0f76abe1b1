/** What a repository holds, and how much of it is read. */

export interface GitObject {
  readonly type: 'commit' | 'tree' | 'blob' | 'tag'
  readonly content: Uint8Array
}

/** A commit with a message of a megabyte is none that a person wrote. */
export const MAX_OBJECT_BYTES = 1024 * 1024

/** What one search may still unpack and build, in bytes: deltas of some bytes each can name megabytes. */
export interface Work {
  left: number
}

/** Git makes 50 deltas on each other, for a commit of some hundred bytes each. */
export const MAX_WORK_BYTES = 64 * MAX_OBJECT_BYTES

/** @throws Error when that is more than what is left */
export function spend(work: Work, bytes: number): void {
  work.left -= bytes
  if (work.left < 0) throw new Error('the object takes too much work to build')
}
