/** Versions and specifiers of Python packages (PEP 440), and the two operators that Poetry adds. */

const VERSION =
  /^v?(?:(\d{1,9})!)?(\d{1,9}(?:\.\d{1,20})*)(?:[-_.]?(a|alpha|b|beta|c|rc|pre|preview)[-_.]?(\d{0,9}))?(?:-(\d{1,9})|[-_.]?(post|rev|r)[-_.]?(\d{0,9}))?(?:[-_.]?(dev)[-_.]?(\d{0,9}))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/

const PRE_KINDS: Readonly<Record<string, number>> = {
  a: 0,
  alpha: 0,
  b: 1,
  beta: 1,
  c: 2,
  rc: 2,
  pre: 2,
  preview: 2,
}

interface Version {
  readonly epoch: number
  readonly release: readonly number[]
  /** Sorts as PEP 440 says: a development release before a pre-release before the release before its post-release. */
  readonly rest: readonly number[]
  readonly isPre: boolean
  readonly isPost: boolean
  readonly local: string | undefined
}

/** Clauses of one specifier; more are an attack. */
const MAX_CLAUSES = 200

const CLAUSE = /^(===|==|!=|~=|<=|>=|<|>|\^|~|=)?\s*([^\s]+)$/

/**
 * @param specifier such as `>=1.2,!=1.3`, `==1.*`, Poetry's `^1.2 || ~2.0`, or empty
 * @returns true as well for what is no version or no specifier: then nothing can be ruled out
 */
export function satisfies(version: string, specifier: string): boolean {
  const subject = parseVersion(version)
  const alternatives = specifier.split('||').slice(0, MAX_CLAUSES)
  return alternatives.some((alternative) => {
    const clauses = alternative
      .replace(/(===|==|!=|~=|<=|>=|<|>|\^|~)\s+/g, '$1')
      .split(/[\s,]+/)
      .filter((clause) => clause !== '' && clause !== '*')
    return clauses.slice(0, MAX_CLAUSES).every((clause) => {
      const [, operator = '==', wanted = ''] = CLAUSE.exec(clause) ?? []
      if (operator === '===') return wanted.toLowerCase() === version.toLowerCase()
      return subject === undefined || holds(subject, operator === '=' ? '==' : operator, wanted)
    })
  })
}

function holds(subject: Version, operator: string, wanted: string): boolean {
  if (wanted.endsWith('.*')) {
    const prefix = parseVersion(wanted.slice(0, -2))
    if (prefix === undefined) return true
    return isPrefix(prefix, prefix.release.length, subject) === (operator !== '!=')
  }
  const bound = parseVersion(wanted)
  if (bound === undefined) return true
  const order = compare(subject, bound)
  switch (operator) {
    case '==':
      return isEqual(subject, bound)
    case '!=':
      return !isEqual(subject, bound)
    case '<=':
      return order <= 0
    case '>=':
      return order >= 0
    case '<':
      // PEP 440: `<3` leaves out the pre-releases of 3 as well.
      return order < 0 && (bound.isPre || !isPreOf(subject, bound))
    case '>':
      return order > 0 && (bound.isPost || !subject.isPost || !isSamePre(subject, bound))
    case '~=':
      return order >= 0 && isPrefix(bound, bound.release.length - 1, subject)
    case '~':
      return order >= 0 && isPrefix(bound, Math.min(2, bound.release.length), subject)
    case '^':
      return order >= 0 && isPrefix(bound, caretLength(bound.release), subject)
    default:
      return true
  }
}

/** Up to and with the first number that is not zero; all of them where all are zero. */
function caretLength(release: readonly number[]): number {
  const first = release.findIndex((part) => part !== 0)
  return first === -1 ? release.length : first + 1
}

function isPrefix(prefix: Version, length: number, subject: Version): boolean {
  if (prefix.epoch !== subject.epoch) return false
  return prefix.release.slice(0, length).every((part, at) => part === (subject.release[at] ?? 0))
}

function isSameRelease(a: Version, b: Version): boolean {
  return a.epoch === b.epoch && compareLists(a.release, b.release, 0) === 0
}

/** A pre-release of the release; of a post-release, only what was developed towards it. */
function isPreOf(subject: Version, bound: Version): boolean {
  if (!subject.isPre || !isSameRelease(subject, bound)) return false
  return !bound.isPost || (isSamePre(subject, bound) && subject.rest[2] === bound.rest[2])
}

/** The same release and the same pre-release of it. */
function isSamePre(a: Version, b: Version): boolean {
  return isSameRelease(a, b) && a.rest[0] === b.rest[0] && a.rest[1] === b.rest[1]
}

function isEqual(subject: Version, bound: Version): boolean {
  return compare(subject, bound) === 0 && (bound.local === undefined || bound.local === subject.local)
}

function compare(a: Version, b: Version): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch
  return compareLists(a.release, b.release, 0) || compareLists(a.rest, b.rest, 0)
}

function compareLists(a: readonly number[], b: readonly number[], padding: number): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = (a[at] ?? padding) - (b[at] ?? padding)
    if (difference !== 0) return difference
  }
  return 0
}

function parseVersion(text: string): Version | undefined {
  // The longest real ones have some 40 characters.
  const match = text.length > 200 ? null : VERSION.exec(text.toLowerCase())
  if (match === null) return undefined
  const [, epoch, release = '', preKind, pre, shortPost, postKind, post, dev, devNumber, local] = match
  const isPost = shortPost !== undefined || postKind !== undefined
  const isDev = dev !== undefined
  return {
    epoch: Number(epoch ?? 0),
    release: release.split('.').map(Number),
    rest: [
      preKind === undefined ? (isDev && !isPost ? -1 : 3) : (PRE_KINDS[preKind] ?? 0),
      Number(pre ?? 0),
      isPost ? Number(shortPost ?? post ?? 0) : -1,
      isDev ? Number(devNumber ?? 0) : Number.MAX_SAFE_INTEGER,
    ],
    isPre: preKind !== undefined || isDev,
    isPost,
    local: local?.replace(/[-_]/g, '.'),
  }
}
