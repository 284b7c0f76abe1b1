/** All readers, one line each; each is loaded when a project has a file for it. */
import type { ReaderEntry } from './reader.ts'

export const READERS: readonly ReaderEntry[] = []
