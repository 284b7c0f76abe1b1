/** What no two nodes of a path may share. */
import { equal } from '../../core/index.ts'
import type { MixNode } from '../directory/document.ts'

export const PATH_CONSTRAINTS = ['family', 'as', 'country'] as const
export type PathConstraint = (typeof PATH_CONSTRAINTS)[number]

/** One operator, or one network, must not see both ends of a path. */
export const DEFAULT_CONSTRAINTS: readonly PathConstraint[] = ['family', 'as']

/** Whether two nodes may stand in one path. A node that does not say is not held against another that does not. */
export function mayShareAPath(a: MixNode, b: MixNode, constraints: readonly PathConstraint[]): boolean {
  if (equal(a.id, b.id)) return false
  return constraints.every((name) => a[name] === undefined || a[name] !== b[name])
}
