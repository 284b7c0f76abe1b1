/** Versions of Go modules: semantic ones with `v`, and those that are made of a time and a commit. */

const VERSION = /^v(\d{1,18})\.(\d{1,18})\.(\d{1,18})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/

/** `vX.0.0-TIME-COMMIT`, `vX.Y.Z-PRE.0.TIME-COMMIT` and `vX.Y.Z-0.TIME-COMMIT`. */
const PSEUDO = /[-.]\d{14}-([0-9a-f]{12})(?:\+incompatible)?$/

/** The first 12 digits of the commit that a pseudo-version was made from. */
export function commitOf(version: string): string | undefined {
  return PSEUDO.exec(version)?.[1]
}

/** Below 0 when `a` comes before `b` (Semantic Versioning 2.0, §11); what is no version comes first. */
export function compareVersions(a: string, b: string): number {
  const left = VERSION.exec(a)
  const right = VERSION.exec(b)
  if (left === null || right === null) return (left === null ? 0 : 1) - (right === null ? 0 : 1)
  for (const part of [1, 2, 3]) {
    const difference = Number(left[part]) - Number(right[part])
    if (difference !== 0) return difference
  }
  return comparePre(left[4], right[4])
}

function comparePre(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0)
  const left = a.split('.')
  const right = b.split('.')
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = compareIdentifiers(left[at] ?? '', right[at] ?? '')
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function compareIdentifiers(a: string, b: string): number {
  const aIsNumber = /^\d+$/.test(a)
  const bIsNumber = /^\d+$/.test(b)
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1
  if (a === b) return 0
  // Longer numbers are greater; numbers of one length sort as text does.
  if (aIsNumber && a.length !== b.length) return a.length - b.length
  return a < b ? -1 : 1
}
