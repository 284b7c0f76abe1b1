/** Notes beside license texts in SPDX documents that stand in for something else; readers know them again. */

export const NO_EXPRESSION = 'The license as its maker writes it, which is no SPDX license expression.'
export const NO_TEXT = 'The text of this license was not found.'
