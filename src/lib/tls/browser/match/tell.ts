/** What in a hello differs from a template. */

export interface Tell {
  /** Such as `cipher_suites` or `key_share`. */
  readonly field: string
  /** `rule`: what no version of the browser does. `version`: what changes from one version to another. */
  readonly kind: 'rule' | 'version'
  readonly expected: string
  readonly found: string
}

export function rule(field: string, expected: string, found: string): Tell {
  return { field, kind: 'rule', expected, found }
}

export function version(field: string, expected: string, found: string): Tell {
  return { field, kind: 'version', expected, found }
}
