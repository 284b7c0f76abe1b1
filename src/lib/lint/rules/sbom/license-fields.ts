/** The fields of a document in which its format allows nothing but a license expression or identifier. */
import { array, field, string } from '../../readers/parse/index.ts'
import type { Hit } from '../rule.ts'
import type { SbomSubject } from './subject.ts'

export interface LicenseField extends Omit<Hit, 'message'> {
  readonly expression: string
  /** `licenseDeclared`; `id` where only one identifier may stand, which the schema enumerates */
  readonly name: string
}

/** Longer than any real one; the parser's work grows faster than the text. */
export const MAX_EXPRESSION_LENGTH = 20_000

const SPDX2_FIELDS = ['licenseDeclared', 'licenseConcluded'] as const
const TAGS = /^(PackageLicenseDeclared|PackageLicenseConcluded|LicenseConcluded): *(.*)$/gm

export function licenseFields({ document, text, places }: SbomSubject): readonly LicenseField[] {
  if (document === undefined) return []
  const { json, facts } = document
  if (json === undefined) return inTags(text)
  const fields = facts.family === 'cyclonedx' ? inCycloneDx(json) : [...inSpdx2(json), ...inSpdx3(json)]
  return fields.map(({ pointer, ...rest }) => ({ ...rest, ...places.ofPointer(pointer) }))
}

interface FieldAt {
  readonly expression: string
  readonly name: string
  readonly entity?: string | undefined
  readonly pointer: string
}

function inSpdx2(json: unknown): FieldAt[] {
  return ['packages', 'files', 'snippets'].flatMap((list) =>
    array(field(json, list)).flatMap((item, index) =>
      SPDX2_FIELDS.flatMap((name) => {
        const expression = string(field(item, name))
        return expression === undefined
          ? []
          : [
              {
                expression,
                name,
                entity: string(field(item, 'SPDXID')),
                pointer: `/${list}/${index}/${name}`,
              },
            ]
      }),
    ),
  )
}

function inSpdx3(json: unknown): FieldAt[] {
  const name = 'simplelicensing_licenseExpression'
  return array(field(json, '@graph')).flatMap((item, index) => {
    const expression = string(field(item, name))
    return expression === undefined ? [] : [{ expression, name, pointer: `/@graph/${index}/${name}` }]
  })
}

/** Components nest; the stack is a list, so that depth costs nothing. */
function inCycloneDx(json: unknown): FieldAt[] {
  const found: FieldAt[] = []
  const open: [item: unknown, pointer: string][] = [
    [field(field(json, 'metadata'), 'component'), '/metadata/component'],
    ...array(field(json, 'components')).map((item, index): [unknown, string] => [
      item,
      `/components/${index}`,
    ]),
  ]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [item, pointer] = next
    array(field(item, 'licenses')).forEach((license, index) => {
      const entity = string(field(item, 'bom-ref')) ?? string(field(item, 'purl'))
      const at = `${pointer}/licenses/${index}`
      const expression = string(field(license, 'expression'))
      if (expression !== undefined)
        found.push({ expression, name: 'expression', entity, pointer: `${at}/expression` })
      const id = string(field(field(license, 'license'), 'id'))
      if (id !== undefined) found.push({ expression: id, name: 'id', entity, pointer: `${at}/license/id` })
    })
    array(field(item, 'components')).forEach((inner, index) => {
      open.push([inner, `${pointer}/components/${index}`])
    })
  }
  return found
}

function inTags(text: string): LicenseField[] {
  const fields: LicenseField[] = []
  let line = 1
  let counted = 0
  for (const match of text.matchAll(TAGS)) {
    const [whole, name = '', value = ''] = match
    for (let at = text.indexOf('\n', counted); at !== -1 && at < match.index; at = text.indexOf('\n', at + 1))
      line += 1
    counted = match.index
    const column = whole.length - value.length + 1
    const expression = value.trim()
    fields.push({ expression, name, line, column, endColumn: column + expression.length })
  }
  return fields
}
