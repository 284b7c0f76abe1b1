/** Which names an authority may vouch for (RFC 5280 section 4.2.1.10). */
import { AivError } from '../../../core/index.ts'
import { TAG } from '../der.ts'
import type { Certificate } from './certificate.ts'
import { DerReader, malformed } from './der-reader.ts'
import { EXTENSION, subjectAltNames } from './extensions.ts'
import { directoryParts, dnsText, GENERAL_NAME, type GeneralName, readGeneralName } from './general-names.ts'

/** A name as constraints look at it. */
type ConstrainedName =
  | { readonly kind: 'dns'; readonly text: string }
  | { readonly kind: 'ip'; readonly bytes: Uint8Array }
  | { readonly kind: 'directory'; readonly parts: readonly string[] }

/** Counts down what may still be compared, so that many names times many constraints stay bounded. */
export interface ComparisonBudget {
  comparisonsLeft: number
}

interface NameConstraints {
  readonly permitted: readonly ConstrainedName[]
  readonly excluded: readonly ConstrainedName[]
}

const PERMITTED = 0xa0
const EXCLUDED = 0xa1

/**
 * Whether all names of `subject` are within what `authority` is constrained to.
 * @throws AivError `E_MALFORMED`; `E_CERTIFICATE` for constraints of kinds that are not evaluated, and too many names
 */
export function isWithinConstraints(
  authority: Certificate,
  subject: Certificate,
  budget: ComparisonBudget,
): boolean {
  if (!authority.extensions.has(EXTENSION.NAME_CONSTRAINTS)) return true
  // Before they are read, for that costs too.
  charge(budget, 0)
  const { permitted, excluded } = nameConstraints(authority)
  return constrainedNames(subject).every((name) => {
    charge(budget, permitted.length + excluded.length)
    const ofKind = permitted.filter(({ kind }) => kind === name.kind)
    return (
      (ofKind.length === 0 || ofKind.some((tree) => contains(tree, name))) &&
      !excluded.some((tree) => contains(tree, name) || mayExpandInto(name, tree))
    )
  })
}

/** Every name costs something, also where nothing is compared with it. */
function charge(budget: ComparisonBudget, comparisons: number): void {
  budget.comparisonsLeft -= 1 + comparisons
  if (budget.comparisonsLeft < 0)
    throw new AivError('E_CERTIFICATE', 'there are too many names to compare with its constraints')
}

export function nameConstraints({ extensions }: Certificate): NameConstraints {
  const extension = extensions.get(EXTENSION.NAME_CONSTRAINTS)
  if (extension === undefined) return { permitted: [], excluded: [] }
  const outer = new DerReader(extension.value)
  const list = outer.enter(TAG.SEQUENCE)
  outer.end()
  const [permitted, excluded] = [list.takeOptional(PERMITTED), list.takeOptional(EXCLUDED)]
  list.end()
  if (permitted === undefined && excluded === undefined) throw malformed('its name constraints are empty')
  return { permitted: subtrees(permitted), excluded: subtrees(excluded) }
}

function subtrees(content: Uint8Array | undefined): readonly ConstrainedName[] {
  const trees: ConstrainedName[] = []
  if (content === undefined) return trees
  const reader = new DerReader(content)
  do {
    const tree = reader.enter(TAG.SEQUENCE)
    trees.push(subtree(readGeneralName(tree)))
    // Minimum and maximum are not used with any form of names.
    tree.end()
  } while (!reader.isAtEnd)
  return trees
}

function subtree(name: GeneralName): ConstrainedName {
  switch (name.tag) {
    case GENERAL_NAME.DNS: {
      const text = dnsText(name)
      if (text === undefined || text.includes('*')) throw malformed('a name constraint is no DNS name')
      return { kind: 'dns', text }
    }
    case GENERAL_NAME.IP:
      if (name.value.length !== 8 && name.value.length !== 32)
        throw malformed('a name constraint is no network of addresses')
      return { kind: 'ip', bytes: name.value }
    case GENERAL_NAME.DIRECTORY:
      return { kind: 'directory', parts: directoryParts(name) }
    default:
      // To pass over a kind would let through what the authority was forbidden.
      throw new AivError('E_CERTIFICATE', 'it constrains names of a kind that is not evaluated')
  }
}

function constrainedNames(certificate: Certificate): readonly ConstrainedName[] {
  const { subjectParts } = certificate
  const own: ConstrainedName[] = subjectParts.length > 0 ? [{ kind: 'directory', parts: subjectParts }] : []
  return [...own, ...subjectAltNames(certificate).flatMap(constrainedName)]
}

function constrainedName(name: GeneralName): readonly ConstrainedName[] {
  switch (name.tag) {
    case GENERAL_NAME.DNS: {
      const text = dnsText(name)
      if (text === undefined) throw malformed('one of its names is no DNS name')
      return [{ kind: 'dns', text: text.replace(/\.$/, '') }]
    }
    case GENERAL_NAME.IP:
      return [{ kind: 'ip', bytes: name.value }]
    case GENERAL_NAME.DIRECTORY:
      return [{ kind: 'directory', parts: directoryParts(name) }]
    default:
      return []
  }
}

function contains(tree: ConstrainedName, name: ConstrainedName): boolean {
  if (tree.kind === 'dns' && name.kind === 'dns') return isInDomain(name.text, tree.text)
  if (tree.kind === 'ip' && name.kind === 'ip') return isInNetwork(name.bytes, tree.bytes)
  if (tree.kind === 'directory' && name.kind === 'directory')
    return tree.parts.every((part, i) => part === name.parts[i])
  return false
}

/** A domain holds itself and what is in it; with a dot before it only the latter. */
function isInDomain(name: string, domain: string): boolean {
  if (domain === '') return true
  return domain.startsWith('.') ? name.endsWith(domain) : name === domain || name.endsWith(`.${domain}`)
}

/** `*.example.com` stands for `secret.example.com` too, so it must not pass where the latter is excluded. */
function mayExpandInto(name: ConstrainedName, tree: ConstrainedName): boolean {
  if (name.kind !== 'dns' || tree.kind !== 'dns' || !name.text.startsWith('*.')) return false
  const parent = name.text.slice(1)
  const domain = tree.text.replace(/^\./, '')
  return domain.endsWith(parent) && !domain.slice(0, -parent.length).includes('.')
}

/** Network is address and mask. */
function isInNetwork(address: Uint8Array, network: Uint8Array): boolean {
  const { length } = address
  if (network.length !== 2 * length) return false
  return address.every((byte, i) => ((byte ^ (network[i] ?? 0)) & (network[length + i] ?? 0)) === 0)
}
