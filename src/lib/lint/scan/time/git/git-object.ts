/** What a repository holds, and how much of it is read. */

export interface GitObject {
  readonly type: 'commit' | 'tree' | 'blob' | 'tag'
  readonly content: Uint8Array
}

/** A commit with a message of a megabyte is none that a person wrote. */
export const MAX_OBJECT_BYTES = 1024 * 1024
