/** The vector suite `purl`: the test files of the package URL specification (`tests/spec`, `tests/types`). */
import {
  AivError,
  runVectorChecks,
  SkippedVector,
  type VectorCheck,
  type VectorSuite,
} from '../../core/index.ts'
import { entries, field, isTable, parseJson, string, tables } from '../readers/parse/index.ts'
import { formatPurl, type Purl, parsePurl } from './purl.ts'

type Outcome = Purl | string

export const purlSuite: VectorSuite = {
  name: 'purl',
  async run({ path, content }) {
    return await runVectorChecks('purl', path, checksOf(content))
  },
}

function* checksOf(content: string): Generator<VectorCheck> {
  let vectors: readonly unknown[]
  try {
    vectors = tables(field(parseJson(content), 'tests'))
  } catch (error) {
    yield failing('file', error)
    return
  }
  if (vectors.length === 0) yield failing('file', new AivError('E_MALFORMED', 'the file holds no tests'))
  const accepted = new Set(vectors.filter((vector) => !mustFail(vector)).map(inputOf))
  for (const [i, vector] of vectors.entries()) {
    yield { id: `${i + 1} ${string(field(vector, 'description')) ?? ''}`, run: () => check(vector, accepted) }
  }
}

function failing(id: string, error: unknown): VectorCheck {
  return {
    id,
    run() {
      throw error
    },
  }
}

function mustFail(vector: unknown): boolean {
  return field(vector, 'expected_failure') === true
}

function inputOf(vector: unknown): string {
  return JSON.stringify(field(vector, 'input'))
}

function check(vector: unknown, accepted: ReadonlySet<string>): void {
  const expected = field(vector, 'expected_output')
  let actual: Outcome
  try {
    actual = outcome(field(vector, 'test_type'), field(vector, 'input'))
  } catch (error) {
    if (mustFail(vector) && error instanceof AivError) return
    throw error
  }
  if (mustFail(vector)) {
    if (accepted.has(inputOf(vector)))
      throw new SkippedVector('another test of the file says that the same package URL is right')
    throw new Error(`accepted as ${JSON.stringify(actual)}`)
  }
  const [wanted, got] = [comparable(expected), comparable(actual)]
  if (wanted === got) return
  if (field(vector, 'test_group') === 'recommended' && wanted === got.toLowerCase())
    throw new SkippedVector('only recommended: the definition of the type keeps upper case')
  throw new Error(`expected ${wanted}, is ${got}`)
}

/** `parse` gives parts, `build` makes the text of parts, `validate` parses a text and writes it again. */
function outcome(kind: unknown, input: unknown): Outcome {
  if (kind === 'build' && isTable(input)) return formatPurl(partsOf(input))
  if (typeof input !== 'string') throw new SkippedVector('the input is no package URL')
  if (kind === 'parse') return parsePurl(input)
  if (kind === 'validate') return formatPurl(parsePurl(input))
  throw new SkippedVector(`there is no test type ${JSON.stringify(kind)} here`)
}

function partsOf(input: unknown): Purl {
  const text = (key: string): string | undefined => string(field(input, key))
  return {
    type: text('type') ?? '',
    namespace: text('namespace'),
    name: text('name') ?? '',
    version: text('version'),
    qualifiers: Object.fromEntries(
      entries(field(input, 'qualifiers')).map(([key, value]) => [key, String(value)]),
    ),
    subpath: text('subpath'),
  }
}

/** Parts in one order; what is null, undefined or empty is not there. */
function comparable(value: unknown): string {
  if (typeof value === 'string') return value
  const { type, namespace, name, version, qualifiers, subpath } = partsOf(value)
  const pairs = entries(qualifiers).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([type, namespace ?? '', name, version ?? '', pairs, subpath ?? ''])
}
