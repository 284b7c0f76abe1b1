/** Templates for people. */
import { codeText, contentText, type HelloTemplate, type TemplateDifference } from '../../tls/index.ts'

export function templateTable(templates: readonly HelloTemplate[]): string {
  const rows = templates.map(({ id, transport, versions, trial }) => [
    id,
    versionText(versions),
    [
      ...(transport === 'tcp' ? [] : ['in QUIC']),
      ...(trial === undefined ? [] : [`field trial ${trial}`]),
    ].join(', '),
  ])
  return [['template', 'versions', ''], ...rows]
    .map(([id = '', versions = '', trial = '']) =>
      `${id.padEnd(20)}  ${versions.padEnd(8)}  ${trial}`.trimEnd(),
    )
    .join('\n')
}

export function templateText(template: HelloTemplate): string {
  const { id, browser, versions, trial, source, extensionOrder, cipherSuites, extensions } = template
  return [
    `${id}: ${browser} ${versionText(versions)}${trial === undefined ? '' : `, field trial ${trial}`}`,
    `source         ${source}`,
    `cipher suites  ${cipherSuites.map(codeText).join(' ')}`,
    `extensions     ${extensionOrder === 'shuffled' ? 'shuffled between those of GREASE' : 'in this order'}`,
    ...extensions.map(
      ({ type, optional, content }) =>
        `  ${codeText(type).padEnd(6)}  ${contentText(content)}${optional === true ? ', not in every hello' : ''}`,
    ),
  ].join('\n')
}

export function differencesText(differences: readonly TemplateDifference[]): string {
  return differences
    .map(({ field, left, right }) =>
      [
        field,
        ...(left === undefined ? [] : [`  - ${left}`]),
        ...(right === undefined ? [] : [`  + ${right}`]),
      ].join('\n'),
    )
    .join('\n')
}

function versionText({ first, last }: HelloTemplate['versions']): string {
  return first === last ? String(first) : `${first}-${last}`
}
