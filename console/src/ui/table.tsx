import {
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  useReactTable,
  type ColumnDef,
  type RowData,
  type SortingState,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState, type ReactNode } from 'react'
import classes from './table.module.css'

declare module '@tanstack/react-table' {
  // The names of the parameters are TanStack's.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  interface ColumnMeta<TData extends RowData, TValue> {
    number?: boolean
    width?: string
  }
}

export type Column<T> = ColumnDef<T>

interface TableProps<T> {
  /** What the table lists, for those who hear it. */
  label: string
  rows: readonly T[]
  columns: Column<T>[]
  /** Sorting is offered only where all rows are here. */
  sortable?: boolean
  foot?: ReactNode
  /** Called when the reader comes near the end. */
  onEnd?: () => void
}

const ROW_PX = 37
/** From here on only the rows in sight are drawn. */
const VIRTUAL_FROM = 40

/** The one table. Long lists draw only what is in sight, so that 100,000 rows scroll like ten. */
export function Table<T>({ label, rows, columns, sortable = false, foot, onEnd }: TableProps<T>) {
  const [sorting, setSorting] = useState<SortingState>([])
  const scroll = useRef<HTMLDivElement>(null)
  const table = useReactTable<T>({
    data: rows as T[],
    columns,
    state: { sorting },
    onSortingChange: setSorting,
    enableSorting: sortable,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  })
  const all = table.getRowModel().rows
  const virtual = rows.length > VIRTUAL_FROM
  const virtualizer = useVirtualizer({
    count: all.length,
    enabled: virtual,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  })
  const items = virtualizer.getVirtualItems()
  const shown = virtual ? items.flatMap(({ index }) => all[index] ?? []) : all
  const before = virtual ? (items[0]?.start ?? 0) : 0
  const after = virtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0
  const nearEnd = () => {
    const element = scroll.current
    if (element && element.scrollHeight - element.scrollTop - element.clientHeight < 400) onEnd?.()
  }
  return (
    <div className={classes['scroll']}>
      <div
        ref={scroll}
        className={virtual ? classes['body'] : undefined}
        onScroll={nearEnd}
        tabIndex={virtual ? 0 : undefined}
        role={virtual ? 'group' : undefined}
        aria-label={virtual ? label : undefined}
      >
        <table className={classes['table']} aria-label={label} aria-rowcount={all.length}>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header) => {
                  const { column } = header
                  const direction = column.getIsSorted()
                  const text = flexRender(column.columnDef.header, header.getContext())
                  return (
                    <th
                      key={header.id}
                      scope="col"
                      className={column.columnDef.meta?.number ? classes['number'] : undefined}
                      style={{ width: column.columnDef.meta?.width }}
                      aria-sort={direction ? (direction === 'asc' ? 'ascending' : 'descending') : undefined}
                    >
                      {column.getCanSort() ? (
                        <button
                          type="button"
                          className={classes['sort']}
                          onClick={column.getToggleSortingHandler()}
                        >
                          {text} {direction ? (direction === 'asc' ? '↑' : '↓') : ''}
                        </button>
                      ) : (
                        text
                      )}
                    </th>
                  )
                })}
              </tr>
            ))}
          </thead>
          <tbody>
            {before > 0 ? <Spacer height={before} columns={columns.length} /> : null}
            {shown.map((row) => (
              <tr key={row.id}>
                {row.getVisibleCells().map((cell) => (
                  <td
                    key={cell.id}
                    className={cell.column.columnDef.meta?.number ? classes['number'] : undefined}
                  >
                    {flexRender(cell.column.columnDef.cell, cell.getContext())}
                  </td>
                ))}
              </tr>
            ))}
            {after > 0 ? <Spacer height={after} columns={columns.length} /> : null}
          </tbody>
        </table>
      </div>
      {foot ? <div className={classes['foot']}>{foot}</div> : null}
    </div>
  )
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  )
}
