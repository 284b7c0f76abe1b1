/** Lists of numbers with GREASE among them. */
import { isGrease } from '../../hello/grease.ts'
import type { Code } from '../template/template.ts'
import { codeText } from '../template/template-json.ts'
import { rule, type Tell, version } from './tell.ts'

export function masked(list: readonly number[]): readonly Code[] {
  return list.map((value) => (isGrease(value) ? 'GREASE' : value))
}

export function listText(list: readonly Code[]): string {
  return list.length === 0 ? 'nothing' : list.map(codeText).join(' ')
}

/**
 * What is there besides GREASE changes with the version, and so does a list that gets it for the first time; where it
 * stands, once it is there, does not.
 */
export function compareList(
  field: string,
  expected: readonly Code[],
  found: readonly Code[],
): readonly Tell[] {
  const isGreaseMissing = expected.includes('GREASE') && sameCodes(named(expected), named(found))
  const tell = isGreaseMissing ? rule : version
  return sameCodes(expected, found) ? [] : [tell(field, listText(expected), listText(found))]
}

export function sameCodes(a: readonly Code[], b: readonly Code[]): boolean {
  return a.length === b.length && a.every((code, index) => code === b[index])
}

function named(list: readonly Code[]): readonly Code[] {
  return list.filter((code) => code !== 'GREASE')
}
