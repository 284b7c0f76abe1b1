/** Which files of a package hold its license texts, by their names. */

/** `LICENSE`, `LICENSE-MIT`, `MIT-LICENSE.txt`, `license.md`, `COPYING.LESSER`, `UNLICENSE`. */
const NAME = /^(?:[a-z0-9.+]{1,20}[-_]){0,2}(?:un)?licen[cs]es?(?:[-_. ]|$)|^copying(?:[-_. ]|$)/

/** Files about other software, and lists of contributors, are not the license of the package. */
const OTHERS =
  /third|3rd|bundled|vendor|dependenc|acknowledg|notice|contribut|header|template|faq|checker|readme/

/** Programs, data and typeset pages whose names begin alike. */
const NO_TEXT =
  /\.(?:[cm]?[jt]sx?|json5?|ya?ml|toml|xml|html?|map|py|pyc|rb|go|rs|php|java|c|h|sh|css|svg|png|lock|spdx|pdf|docx?|rtf|sig|asc)$/

/** @param name of a file, without folder */
export function isLicenseFileName(name: string): boolean {
  const lower = name.toLowerCase()
  return NAME.test(lower) && !OTHERS.test(lower) && !NO_TEXT.test(lower)
}
