/**
 * Trust anchors against those of a template. The root store of a browser is updated without it: a list that differs in
 * some is one of another day, a list of nothing known is none of a browser.
 */
import { compare, equal } from '../../../core/index.ts'
import type { ClientHello } from '../../hello/client-hello.ts'
import { trustAnchors } from '../../hello/extensions.ts'
import type { TrustAnchorsContent } from '../template/template.ts'
import { rule, type Tell, version } from './tell.ts'

const FIELD = 'trust_anchors'
/** The last byte of a component of an object identifier does not have it (X.690 section 8.20). */
const MORE = 0x80
/** Fewer known ones than this part of the list are none of the root store. */
const KNOWN_PART = 0.5

export function compareAnchors({ ids, order }: TrustAnchorsContent, hello: ClientHello): readonly Tell[] {
  const found = trustAnchors(hello)
  if (found === undefined || !found.every(isRelativeOid))
    return [rule(FIELD, 'a list of identifiers', 'something else')]
  const known = found.filter((id) => ids.some((each) => equal(each, id))).length
  if (known < KNOWN_PART * found.length || found.length === 0)
    return [rule(FIELD, 'roots of the browser', `${found.length} identifiers, ${known} of them known`)]
  const sorted = found.toSorted(compare)
  if (sorted.some((id, index) => index > 0 && equal(id, sorted[index - 1] as Uint8Array)))
    return [rule(FIELD, 'each root once', 'one twice')]
  const isSorted = found.every((id, index) => id === sorted[index])
  if (isSorted === (order === 'sorted')) return []
  const [inOrder, mixed] = ['sorted', 'in another order than sorted']
  return [isSorted ? version(FIELD, mixed, inOrder) : version(FIELD, inOrder, mixed)]
}

function isRelativeOid(id: Uint8Array): boolean {
  if (id.length === 0 || ((id.at(-1) as number) & MORE) !== 0) return false
  // A component does not begin with a byte that adds nothing.
  return id.every((byte, index) => byte !== MORE || (index > 0 && ((id[index - 1] as number) & MORE) !== 0))
}
