/** Writes the pages of `docs` that follow from the rules; a test holds them to being what this writes. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configSchema } from '../src/lib/lint/config/index.ts'
import { RULES, ruleMarkdown } from '../src/lib/lint/rules/index.ts'

const HEAD = `# Rules of \`aiv lint\`

Every finding bears the id of its rule; \`aiv lint explain ID\` prints its section. A rule passes only on what it has
seen: what it could not judge is \`inconclusive\`, what it is not about \`not-applicable\`. Severities can be changed, and
rules turned off, in \`.aiv-lint.yaml\`; see [linting](linting.md). This page is written by \`node scripts/lint-docs.ts\`.`

export function rulesPage(): string {
  const table = [
    '| id | name | severity | demands |',
    '|-|-|-|-|',
    ...RULES.map(
      ({ id, name, severity, summary }) =>
        `| [${id}](#${id.toLowerCase()}-${name}) | ${name} | ${severity} | ${summary} |`,
    ),
  ].join('\n')
  return `${[HEAD, table, ...RULES.map(ruleMarkdown)].join('\n\n')}\n`
}

export function configSchemaFile(): string {
  return `${JSON.stringify(configSchema(), undefined, 2)}\n`
}

if (import.meta.main) {
  const docs = fileURLToPath(new URL('../docs/', import.meta.url))
  writeFileSync(`${docs}lint-rules.md`, rulesPage())
  writeFileSync(`${docs}aiv-lint.schema.json`, configSchemaFile())
}
