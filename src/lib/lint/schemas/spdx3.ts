/** The structure of SPDX 3.0.1 in JSON-LD, from the classes of its model. */
import { field, isTable } from '../readers/parse/index.ts'
import { below, quoted, type SchemaError, SchemaErrors } from './schema-error.ts'
import { CLASSES, INDIVIDUALS, WORD_CLASSES, WORDS } from './spdx3-classes.ts'

const CONTEXT = 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld'

interface Property {
  readonly name: string
  readonly isRequired: boolean
  /** Undefined for a single value. */
  readonly minItems?: number | undefined
  readonly range: string
}

interface Class {
  readonly name: string
  readonly parent?: string | undefined
  readonly isAbstract: boolean
  /** Its own, without those of {@link parent}. */
  readonly properties: readonly Property[]
}

const PROPERTY = /^(\w+)(!?)(\*|\+\d*|) (=?\w+)$/

/** Read once, when the first document of the format comes. */
const MODEL = new Map(parseClasses(CLASSES).map((item) => [item.name, item]))
const WORD_SETS = new Map(parseWords(WORDS))
for (const name of WORD_CLASSES.trim().split(/\s+/))
  MODEL.set(name, { name, isAbstract: false, properties: [] })

export function validateSpdx3(json: unknown): readonly SchemaError[] {
  const errors = new SchemaErrors()
  if (!isTable(json)) {
    errors.add('', 'has to be an object')
    return errors.list
  }
  if (field(json, '@context') !== CONTEXT) errors.add('/@context', `has to be ${CONTEXT}`)
  if (Object.hasOwn(json, '@graph')) {
    for (const key of Object.keys(json))
      if (key !== '@context' && key !== '@graph') errors.add('', `may not have ${quoted(key)} beside @graph`)
    const graph = field(json, '@graph')
    if (!Array.isArray(graph)) errors.add('/@graph', 'has to be a list')
    else for (const [index, item] of graph.entries()) object(item, undefined, `/@graph/${index}`, errors)
  } else object(json, undefined, '', errors)
  return errors.list
}

/** @param range the class that it has to be of, or extend; undefined for any */
function object(value: unknown, range: string | undefined, pointer: string, errors: SchemaErrors): void {
  if (errors.isFull) return
  if (!isTable(value)) {
    errors.add(pointer, 'has to be an object')
    return
  }
  const type = field(value, 'type')
  if (typeof type !== 'string') {
    errors.add(pointer, 'has no type')
    return
  }
  const found = MODEL.get(type)
  if (found === undefined || found.isAbstract) {
    errors.add(below(pointer, 'type'), `cannot be ${quoted(type)}`)
    return
  }
  if (range !== undefined && !lineOf(type).some(({ name }) => name === range)) {
    errors.add(below(pointer, 'type'), `has to be a kind of ${range}, and is ${type}`)
    return
  }
  const line = lineOf(type)
  const isElement = line.some(({ name }) => name === 'Element')
  const properties = new Map(
    line.flatMap((item) => item.properties.map((property) => [property.name, property])),
  )
  for (const { name, isRequired } of properties.values())
    if (isRequired && !Object.hasOwn(value, name)) errors.add(pointer, `has no ${name}`)
  if (isElement && !Object.hasOwn(value, 'spdxId')) errors.add(pointer, 'has no spdxId')
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'type' || (key === '@context' && pointer === '')) continue
    const at = below(pointer, key)
    const property = properties.get(key)
    if (key === (isElement ? 'spdxId' : '@id')) identifier(inner, isElement, at, errors)
    else if (property === undefined)
      errors.add(pointer, `has a field that ${type} does not know: ${quoted(key)}`)
    else propertyValue(inner, property, at, errors)
  }
}

function propertyValue(
  value: unknown,
  { minItems, range }: Property,
  pointer: string,
  errors: SchemaErrors,
): void {
  if (minItems === undefined) {
    single(value, range, pointer, errors)
    return
  }
  if (!Array.isArray(value)) {
    errors.add(pointer, 'has to be a list')
    return
  }
  if (value.length < minItems) errors.add(pointer, `has to have at least ${minItems} entries`)
  for (let index = 0; index < value.length && !errors.isFull; index += 1)
    single(value[index], range, below(pointer, index), errors)
}

function single(value: unknown, range: string, pointer: string, errors: SchemaErrors): void {
  const plain = PLAIN.get(range)
  if (plain !== undefined) {
    if (!plain.holds(value)) errors.add(pointer, plain.message)
  } else if (range.startsWith('=')) {
    if (typeof value !== 'string' || WORD_SETS.get(range.slice(1))?.has(value) !== true)
      errors.add(pointer, typeof value === 'string' ? `cannot be ${quoted(value)}` : 'has to be a text')
  } else if (typeof value === 'string') {
    const individual = INDIVIDUALS.get(value)
    const isKnown = individual !== undefined && lineOf(individual).some(({ name }) => name === range)
    if (!isKnown) identifier(value, false, pointer, errors)
  } else if (range === 'extension_Extension') extension(value, pointer, errors)
  else object(value, range, pointer, errors)
}

/** Anybody may define extensions: only their type is asked for. */
function extension(value: unknown, pointer: string, errors: SchemaErrors): void {
  const type = field(value, 'type')
  if (!isTable(value)) errors.add(pointer, 'has to be an object or a reference')
  else if (typeof type !== 'string' || (!IRI.test(type) && MODEL.get(type)?.isAbstract !== false))
    errors.add(below(pointer, 'type'), 'has to be an IRI')
}

const IRI = /^(?!_:).+:.+/u
const BLANK_NODE = /^_:.+/u

function identifier(value: unknown, isElement: boolean, pointer: string, errors: SchemaErrors): void {
  if (typeof value === 'string' && (IRI.test(value) || (!isElement && BLANK_NODE.test(value)))) return
  errors.add(pointer, isElement ? 'has to be an IRI' : 'has to be an IRI or a blank node')
}

interface Plain {
  readonly message: string
  holds(value: unknown): boolean
}

function matching(pattern: RegExp, message: string): Plain {
  return { message, holds: (value) => typeof value === 'string' && pattern.test(value) }
}

const TEXT: Plain = { message: 'has to be a text', holds: (value) => typeof value === 'string' }

const PLAIN: ReadonlyMap<string, Plain> = new Map<string, Plain>([
  ['text', TEXT],
  ['uri', TEXT],
  ['flag', { message: 'has to be true or false', holds: (value) => typeof value === 'boolean' }],
  [
    'whole',
    { message: 'has to be a whole number', holds: (value) => Number.isInteger(value) && Number(value) >= 0 },
  ],
  [
    'positive',
    {
      message: 'has to be a whole number above 0',
      holds: (value) => Number.isInteger(value) && Number(value) >= 1,
    },
  ],
  [
    'decimal',
    {
      message: 'has to be a number',
      holds: (value) =>
        typeof value === 'number' || (typeof value === 'string' && /^-?\d+(?:\.\d*)?$/.test(value)),
    },
  ],
  [
    'time',
    matching(
      /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\dZ$/,
      'has to be a time in UTC with whole seconds, such as 2026-01-31T12:00:00Z',
    ),
  ],
  ['media', matching(/^[^/]+\/[^/]+$/, 'has to be a media type')],
  ['semver', { message: 'has to be a version such as 3.0.1', holds: isSemanticVersion }],
])

/** @see https://semver.org/spec/v2.0.0.html */
function isSemanticVersion(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const [, core = '', pre, build] = /^([^-+]*)(?:-([^+]*))?(?:\+(.*))?$/s.exec(value) ?? []
  if (!/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/.test(core)) return false
  if (pre?.split('.').some((part) => !/^[0-9A-Za-z-]+$/.test(part) || /^0\d+$/.test(part))) return false
  return build === undefined || /^[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*$/.test(build)
}

const LINES = new Map<string, readonly Class[]>()

/** The class and those that it extends. */
function lineOf(name: string): readonly Class[] {
  const known = LINES.get(name)
  if (known !== undefined) return known
  const line: Class[] = []
  for (let next = MODEL.get(name); next !== undefined; next = MODEL.get(next.parent ?? '')) line.push(next)
  LINES.set(name, line)
  return line
}

function parseClasses(table: string): readonly Class[] {
  const classes: Class[] = []
  for (const entry of table.trim().split(/\n(?! )/)) {
    const [head = '', ...lines] = entry.split('\n')
    const [, name = '', parent, abstract] = /^(\w+)(?: < (\w+))?( abstract)?$/.exec(head) ?? []
    const properties = lines.join(' ').split(',').flatMap(parseProperty)
    classes.push({ name, parent, isAbstract: abstract !== undefined, properties })
  }
  return classes
}

function parseProperty(text: string): readonly Property[] {
  const [, name = '', required, many = '', range = ''] = PROPERTY.exec(text.trim()) ?? []
  if (name === '') return []
  const minItems = many === '*' ? 0 : Number(many.slice(1) || 1)
  return [{ name, range, isRequired: required === '!', minItems: many === '' ? undefined : minItems }]
}

function parseWords(table: string): readonly (readonly [string, ReadonlySet<string>])[] {
  return table
    .trim()
    .split(/\n(?! )/)
    .map((line) => {
      const [name = '', ...words] = line.split(/\s+/)
      return [name.slice(0, -1), new Set(words)] as const
    })
}
