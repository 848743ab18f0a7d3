import { Modal } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { useId, useMemo, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './palette.module.css'
import { useFound, type Find } from './palette-items'

/** Everything one can reach or do, by typing a few letters of it. */
export function Palette({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation('shell')
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      yOffset="12vh"
      centered={false}
      size="lg"
      title={<span className="sr-only">{t('palette.open')}</span>}
      styles={{ header: { minHeight: 0, padding: 0 } }}
    >
      <Search onClose={onClose} />
    </Modal>
  )
}

function Search({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('shell')
  const navigate = useNavigate()
  const id = useId()
  const [text, setText] = useState('')
  const [query] = useDebouncedValue(text.trim(), 150)
  const [chosen, setChosen] = useState(0)
  const found = useFound(text.trim(), query)
  const groups = useMemo(() => Map.groupBy(found, (find) => find.group), [found])
  const index = Math.min(chosen, found.length - 1)
  const go = (find: Find | undefined) => {
    if (!find) return
    onClose()
    void navigate(find.go)
  }
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined) {
      event.preventDefault()
      setChosen((index + step + found.length) % Math.max(found.length, 1))
    }
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) go(found[index])
  }
  return (
    <>
      <input
        data-autofocus
        className={classes['input']}
        role="combobox"
        aria-label={t('palette.open')}
        aria-expanded
        aria-controls={id}
        aria-activedescendant={found[index] ? `${id}-${String(index)}` : undefined}
        placeholder={t('palette.placeholder')}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setChosen(0)
        }}
        onKeyDown={keys}
      />
      <div id={id} role="listbox" aria-label={t('palette.results')} className={classes['list']}>
        {[...groups].map(([group, finds]) => (
          <div key={group} role="group" aria-label={t(`palette.group.${group}`)}>
            <div className={classes['label']} aria-hidden>
              {t(`palette.group.${group}`)}
            </div>
            {finds.map((find) => (
              <Item
                key={find.key}
                id={`${id}-${String(found.indexOf(find))}`}
                find={find}
                selected={found.indexOf(find) === index}
                onGo={() => go(find)}
              />
            ))}
          </div>
        ))}
      </div>
      <div
        aria-live="polite"
        className={found.length > 0 ? 'sr-only' : classes['label']}
        style={{ padding: 16 }}
      >
        {found.length > 0 ? t('palette.count', { count: found.length }) : t('palette.none')}
      </div>
    </>
  )
}

interface ItemProps {
  id: string
  find: Find
  selected: boolean
  onGo: () => void
}

function Item({ id, find, selected, onGo }: ItemProps) {
  return (
    // Keys are handled by the combobox that owns this list.
    <div
      id={id}
      role="option"
      aria-selected={selected}
      className={classes['item']}
      onClick={onGo}
      ref={(element) => {
        if (selected) element?.scrollIntoView({ block: 'nearest' })
      }}
    >
      <span>{find.label}</span>
      {find.hint ? <span className={classes['hint']}>{find.hint}</span> : null}
    </div>
  )
}
