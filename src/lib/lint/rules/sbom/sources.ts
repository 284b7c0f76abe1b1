/** Documents that several rules rest on. */
import type { Reference } from '../rule.ts'

export const CYCLONEDX: Reference = {
  title: 'CycloneDX specification',
  url: 'https://cyclonedx.org/specification/overview/',
}
export const SPDX: Reference = {
  title: 'SPDX specification 2.3',
  url: 'https://spdx.github.io/spdx-spec/v2.3/',
}
export const SPDX3: Reference = {
  title: 'SPDX specification 3.0.1',
  url: 'https://spdx.github.io/spdx-spec/v3.0.1/',
}
export const SPDX_EXPRESSIONS: Reference = {
  title: 'SPDX license expressions',
  url: 'https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/',
}
export const SPDX_LICENSES: Reference = { title: 'SPDX license list', url: 'https://spdx.org/licenses/' }
export const PURL: Reference = {
  title: 'Package URL (ECMA-427)',
  url: 'https://github.com/package-url/purl-spec',
}
export const NTIA: Reference = {
  title: 'NTIA: The Minimum Elements For a Software Bill of Materials, 2021',
  url: 'https://www.ntia.gov/report/2021/minimum-elements-software-bill-materials-sbom',
}
export const CISA: Reference = {
  title: 'CISA: 2025 Minimum Elements for a Software Bill of Materials (draft)',
  url: 'https://www.cisa.gov/resources-tools/resources/2025-minimum-elements-software-bill-materials-sbom',
}
export const RFC3339: Reference = { title: 'RFC 3339', url: 'https://www.rfc-editor.org/rfc/rfc3339' }
export const RFC3986: Reference = { title: 'RFC 3986', url: 'https://www.rfc-editor.org/rfc/rfc3986' }
export const HASH_TRANSITION: Reference = {
  title: 'NIST SP 800-131A, transitioning the use of cryptographic algorithms',
  url: 'https://csrc.nist.gov/pubs/sp/800/131/a/r2/final',
}
