import { ActionIcon } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconMenu2, IconSearch } from '@tabler/icons-react'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Kbd } from '~/ui/kbd'
import { Peek } from '~/ui/peek'
import { Account } from './account'
import classes from './layout.module.css'
import { Palette } from './palette'
import { PLACES, type Place } from './places'
import { Scope } from './scope'
import { Shortcuts, useShortcuts } from './shortcuts'

/** The frame around every page: where one is, where one can go, what the numbers refer to. */
export function Layout() {
  const { t } = useTranslation('shell')
  const [palette, setPalette] = useState(false)
  const [help, setHelp] = useState(false)
  const [menu, setMenu] = useState(false)
  const main = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (state) => state.location.pathname })
  useShortcuts({ palette: () => setPalette(true), help: () => setHelp(true) })
  useEffect(() => {
    // A new page is a new place for screen readers and for the Tab key.
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true })
  }, [path])
  return (
    <div className={classes['frame']}>
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <Navigation open={menu} onGo={() => setMenu(false)} />
      <div>
        <div role="region" aria-label={t('topBar')} className={classes['top']}>
          <ActionIcon
            className={classes['menu']}
            aria-label={t('menu')}
            aria-expanded={menu}
            onClick={() => setMenu(!menu)}
          >
            <IconMenu2 size={18} />
          </ActionIcon>
          <SearchButton onClick={() => setPalette(true)} />
          <Scope />
          <Account onHelp={() => setHelp(true)} />
        </div>
        <main id="main" ref={main} tabIndex={-1} className={classes['main']} style={{ outline: 'none' }}>
          <Outlet />
        </main>
      </div>
      <Palette opened={palette} onClose={() => setPalette(false)} />
      <Shortcuts opened={help} onClose={() => setHelp(false)} />
      <Peek />
    </div>
  )
}

function SearchButton({ onClick }: { onClick: () => void }) {
  const { t } = useTranslation('shell')
  return (
    <button
      type="button"
      className={classes['search']}
      onClick={onClick}
      aria-keyshortcuts="Control+K Meta+K"
    >
      <IconSearch size={16} aria-hidden />
      <span>{t('palette.open')}</span>
      <Kbd keys={['mod', 'K']} />
    </button>
  )
}

function Navigation({ open, onGo }: { open: boolean; onGo: () => void }) {
  const { t } = useTranslation('shell')
  const narrow = useMediaQuery('(max-width: 56rem)') ?? false
  const groups = Map.groupBy(PLACES, (place) => place.group)
  return (
    <nav className={classes['side']} aria-label={t('navigation')} data-open={open} hidden={narrow && !open}>
      <Link to="/" className={classes['brand']} onClick={onGo}>
        <img src="/mark.svg" width={24} height={24} alt="" />
        Omotenashi
      </Link>
      {[...groups].map(([group, places]) => (
        <div key={group ?? 'top'} role="group" aria-label={group ? t(`group.${group}`) : t('place.home')}>
          {group ? <div className={classes['group']}>{t(`group.${group}`)}</div> : null}
          {places.map((place) => (
            <PlaceLink key={place.name} place={place} onGo={onGo} />
          ))}
        </div>
      ))}
    </nav>
  )
}

function PlaceLink({ place, onGo }: { place: Place; onGo: () => void }) {
  const { t } = useTranslation('shell')
  const Icon = place.icon
  return (
    <Link
      to={place.to}
      className={classes['link']}
      activeOptions={{ exact: place.to === '/', includeSearch: false }}
      onClick={onGo}
    >
      <Icon size={17} stroke={1.7} aria-hidden />
      {t(`place.${place.name}`)}
    </Link>
  )
}
