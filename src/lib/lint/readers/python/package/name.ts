/** Names of Python packages and their extras (PEP 503): `Foo__Bar.baz` and `foo-bar-baz` are one. */

export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}
