/** Reports in the forms that people and machines read. Each form is loaded when it is asked for. */
import type { ReportFormat, ReportInput } from './options.ts'

export { reportDocument } from './json.ts'
export { REPORT_FORMATS, type ReportFormat, type ReportInput } from './options.ts'

/** @returns the whole report, with a line end at its end; the same report gives the same text */
export async function renderReport(format: ReportFormat, input: ReportInput): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('./text.ts')).reportText(input)
    case 'json':
      return (await import('./json.ts')).reportJson(input)
    case 'sarif':
      return (await import('./sarif.ts')).reportSarif(input)
    case 'junit':
      return (await import('./junit.ts')).reportJunit(input)
    case 'markdown':
      return (await import('./markdown.ts')).reportMarkdown(input)
    case 'github':
      return (await import('./github.ts')).reportGithub(input)
  }
}
