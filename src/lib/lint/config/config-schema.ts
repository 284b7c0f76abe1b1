/** The form of `.aiv-lint.yaml` as JSON Schema, for editors. */
import { SEVERITIES } from '../findings/index.ts'
import { RULES } from '../rules/index.ts'

export function configSchema(): object {
  const texts = { type: 'array', items: { type: 'string', minLength: 1 } }
  const level = { enum: ['off', ...SEVERITIES] }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: '.aiv-lint.yaml',
    description: 'Settings of aiv lint for one project.',
    type: 'object',
    additionalProperties: false,
    required: ['version'],
    properties: {
      version: { const: 1 },
      'fail-on': { description: 'From which severity the exit code is 1.', enum: [...SEVERITIES, 'never'] },
      severity: { description: 'The lowest severity that is shown.', enum: [...SEVERITIES] },
      select: { ...texts, description: 'Patterns of the only rules that run.' },
      skip: { ...texts, description: 'Patterns of rules that do not run.' },
      rules: {
        description: 'What a finding of a rule is worth, by id or name.',
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(
          RULES.flatMap(({ id, name, summary }) => [
            [id, { ...level, description: summary }],
            [name, { ...level, description: summary }],
          ]),
        ),
      },
      ignore: { ...texts, description: 'Globs of paths that are not looked at.' },
      suppressions: {
        description: 'Findings that do not count.',
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['rule', 'reason'],
          properties: {
            rule: { type: 'string', minLength: 1, description: 'Id, name, or a pattern with *.' },
            path: { type: 'string', description: 'Pattern with *; default all.' },
            entity: {
              type: 'string',
              description: 'Pattern with *, such as pkg:npm/left-pad@*; default all.',
            },
            reason: { type: 'string', pattern: '\\S', description: 'Why it does not count.' },
            expires: {
              type: 'string',
              pattern: '^\\d{4}-\\d\\d-\\d\\d$',
              description: 'The last day on which it holds.',
            },
          },
        },
      },
      baseline: { type: 'string', description: 'File of findings that were there before.' },
    },
  }
}
