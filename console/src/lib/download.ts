/** Tables and pictures to take away. */

function cell(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  // A leading sign would be a formula in a spreadsheet; numbers keep theirs.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** RFC 4180. */
export function csv(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n'
}

export function download(name: string, content: Blob | string): void {
  // The mark at the beginning tells spreadsheets that this is UTF-8.
  const blob =
    typeof content === 'string' ? new Blob(['\uFEFF', content], { type: 'text/csv;charset=utf-8' }) : content
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
