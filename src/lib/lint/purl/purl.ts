/** Package URLs (ECMA-427): the one name for a package that all formats and tools understand. */
import { PackageURL } from 'packageurl-js'
import { AivError } from '../../core/index.ts'

export interface Purl {
  /** Lower case: `npm`, `cargo`, `pypi`. */
  readonly type: string
  /** Decoded, such as `@scope` or `github.com/owner`. */
  readonly namespace?: string | undefined
  readonly name: string
  readonly version?: string | undefined
  readonly qualifiers?: Readonly<Record<string, string>> | undefined
  readonly subpath?: string | undefined
}

/**
 * The canonical text: normalised as the type demands, percent-encoded, qualifiers sorted.
 * @throws AivError `E_MALFORMED` when the parts are no package URL
 */
export function formatPurl({ type, namespace, name, version, qualifiers, subpath }: Purl): string {
  try {
    return new PackageURL(type, namespace, name, version, qualifiers, subpath).toString()
  } catch (cause) {
    throw new AivError('E_MALFORMED', `${type} ${name} makes no package URL`, { cause })
  }
}

/** @throws AivError `E_MALFORMED` when the text is no package URL */
export function parsePurl(text: string): Purl {
  try {
    const { type, namespace, name, version, qualifiers, subpath } = PackageURL.fromString(text)
    return {
      type: String(type),
      namespace: namespace ?? undefined,
      name: String(name),
      version: version ?? undefined,
      qualifiers: qualifiers ?? undefined,
      subpath: subpath ?? undefined,
    }
  } catch (cause) {
    throw new AivError('E_MALFORMED', 'this is no package URL', { cause })
  }
}
