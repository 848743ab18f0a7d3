import { expect, test } from 'vitest'
import { csv } from './download'

test('commas, quotes and line ends stay within their cell', () => {
  expect(
    csv([
      ['a,b', 'say "hi"', 'two\nlines'],
      [1, null, 'x'],
    ]),
  ).toBe('"a,b","say ""hi""","two\nlines"\r\n1,,x\r\n')
})

test('a text that a spreadsheet would run as a formula is only a text', () => {
  expect(csv([['=HYPERLINK("x")', -3]])).toBe(`"'=HYPERLINK(""x"")",-3\r\n`)
})
