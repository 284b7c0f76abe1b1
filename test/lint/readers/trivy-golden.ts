/** The results that Trivy's own tests expect: what another program finds in the same files. */
import { readFileSync } from 'node:fs'
import { conformancePath } from '../../support/conformance.ts'

interface Golden {
  readonly Results: readonly {
    readonly Packages?: readonly TrivyPackage[]
    readonly Vulnerabilities?: readonly { readonly PkgIdentifier: { readonly PURL: string } }[]
  }[]
}

export interface TrivyPackage {
  readonly ID: string
  readonly Identifier: { readonly PURL: string }
  readonly Relationship?: 'direct' | 'indirect'
  readonly DependsOn?: readonly string[]
  readonly Licenses?: readonly string[]
  readonly Locations?: readonly { readonly StartLine: number }[]
}

/** @param name of a folder, such as `nuget/EXPECTED.nuget.json` */
export function trivyPackages(name: string): readonly TrivyPackage[] {
  return golden(name).Results.flatMap(({ Packages = [] }) => Packages)
}

/** Package URLs, sorted; some results list only the packages that a vulnerability was found in. */
export function trivyPurls(name: string): readonly string[] {
  const purls = golden(name).Results.flatMap(({ Packages = [], Vulnerabilities = [] }) => [
    ...Packages.map(({ Identifier }) => Identifier.PURL),
    ...Vulnerabilities.map(({ PkgIdentifier }) => PkgIdentifier.PURL),
  ])
  return [...new Set(purls)].sort()
}

function golden(name: string): Golden {
  const path = conformancePath('lint', 'lockfiles', 'trivy', name)
  return path === undefined ? { Results: [] } : (JSON.parse(readFileSync(path, 'utf8')) as Golden)
}
