/** Licenses of an inventory, for people and for programs. */
import type { JudgedLicense, LicenseReport } from '../../lint/licenses/index.ts'
import { shortText } from './short-text.ts'

/** @param violations those of the report that the exit code follows from */
export function licenseLines(
  { judged }: LicenseReport,
  violations: readonly JudgedLicense[],
): readonly string[] {
  const summary = [...countByLicense(judged)]
  const width = String(summary[0]?.[1] ?? '').length
  const excepted = judged.filter(({ verdict }) => verdict === 'excepted')
  return [
    ...summary.map(([license, count]) => `${String(count).padStart(width)}  ${shortText(license)}`),
    ...(violations.length === 0 ? [] : ['']),
    ...violations.map((item) => `${nameOf(item)}: ${shortText(item.reason ?? '')}${likelyText(item)}`),
    ...(excepted.length === 0 ? [] : ['']),
    ...excepted.map(
      (item) => `${nameOf(item)}: ${shortText(licenseOf(item))}, excepted: ${shortText(item.reason ?? '')}`,
    ),
    '',
    `${counted(judged.length, 'component')}, ${counted(violations.length, 'violation')}`,
  ]
}

export function licenseJson(
  { judged, unused }: LicenseReport,
  violations: number,
): Readonly<Record<string, unknown>> {
  return {
    components: judged.map(({ component, declared, concluded, license, verdict, reason, likely }) => ({
      ref: component.ref,
      name: component.name,
      version: component.version ?? null,
      purl: component.purl ?? null,
      declared: declared ?? null,
      concluded: concluded ?? null,
      license: license ?? null,
      verdict,
      reason: reason ?? null,
      likely: likely ?? null,
    })),
    licenses: [...countByLicense(judged)].map(([license, count]) => ({ license, count })),
    violations,
    unused_exceptions: unused,
  }
}

/** The most frequent first. */
function countByLicense(judged: readonly JudgedLicense[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const item of judged) counts.set(licenseOf(item), (counts.get(licenseOf(item)) ?? 0) + 1)
  return new Map([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)))
}

function licenseOf({ license }: JudgedLicense): string {
  return license ?? 'no license given'
}

function nameOf({ component: { purl, name, version } }: JudgedLicense): string {
  return shortText(purl ?? (version === undefined ? name : `${name}@${version}`))
}

function likelyText({ likely }: JudgedLicense): string {
  return likely === undefined ? '' : `; does it mean ${likely}?`
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}
