/** The schemas of CycloneDX, compiled when the product is built; see `scripts/schema-validators.ts`. */
import { type SchemaError, SchemaErrors } from './schema-error.ts'

/** What the compiled programs give (Ajv). */
interface CompiledError {
  readonly instancePath: string
  readonly schemaPath: string
  readonly keyword: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
}

interface Compiled {
  (json: unknown): boolean
  readonly errors?: readonly CompiledError[] | null
}

const VERSIONS: ReadonlySet<string> = new Set(['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'])

/** @returns undefined for a version that has no JSON schema */
export async function validateCycloneDx(
  json: unknown,
  version: string,
): Promise<readonly SchemaError[] | undefined> {
  if (!VERSIONS.has(version)) return undefined
  const file = new URL(`../../../../dist/schemas/cyclonedx-${version}.js`, import.meta.url)
  const { validate } = (await import(file.href)) as { readonly validate: Compiled }
  const errors = new SchemaErrors()
  if (!validate(json))
    for (const error of withoutBranches(validate.errors ?? [])) errors.add(...described(error))
  return errors.list
}

/**
 * Where none of several forms fits, each form has its own objections, which contradict each other. Of those the one
 * that lies deepest stays: it is about the form that fits best.
 */
function withoutBranches(errors: readonly CompiledError[]): readonly CompiledError[] {
  const deepest = new Map<string, CompiledError>()
  for (const error of errors)
    if (error.keyword === 'oneOf' || error.keyword === 'anyOf') deepest.set(error.instancePath, error)
  if (deepest.size === 0) return errors
  const left = errors.filter((error) => {
    const choice = choiceAround(error, deepest)
    if (choice === undefined) return true
    const known = deepest.get(choice)
    if (known !== undefined && known.instancePath.length < error.instancePath.length)
      deepest.set(choice, error)
    return false
  })
  return [...left, ...deepest.values()]
}

/** The outermost choice that an objection is part of. The paths above are as many as the document is deep. */
function choiceAround(
  { instancePath, schemaPath }: CompiledError,
  choices: ReadonlyMap<string, CompiledError>,
): string | undefined {
  for (let end = instancePath.indexOf('/', 1); end !== -1; end = instancePath.indexOf('/', end + 1))
    if (choices.has(instancePath.slice(0, end))) return instancePath.slice(0, end)
  return choices.has(instancePath) && /\/(?:oneOf|anyOf)(?:\/|$)/.test(schemaPath) ? instancePath : undefined
}

function described({
  instancePath,
  keyword,
  params,
  message = 'is not allowed',
}: CompiledError): [string, string] {
  switch (keyword) {
    case 'additionalProperties':
      return [
        instancePath,
        `has a field that the format does not know: "${String(params.additionalProperty)}"`,
      ]
    case 'required':
      return [instancePath, `has no ${String(params.missingProperty)}`]
    case 'enum':
    case 'const':
      return [instancePath, 'has a value that the format does not know']
    case 'format':
      return [instancePath, `is no ${String(params.format)}`]
    case 'oneOf':
    case 'anyOf':
      return [instancePath, 'has none of the forms that are allowed here']
    case 'type':
      return [instancePath, `has to be ${String(params.type)}`]
    default:
      return [instancePath, message]
  }
}
