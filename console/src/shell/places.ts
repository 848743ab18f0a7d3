/** Where one can go: the navigation, the palette and the shortcuts are made from this one table. */
import {
  IconBookmark,
  IconBox,
  IconChartLine,
  IconFilterDown,
  IconRoute,
  IconTable,
  IconDatabaseImport,
  IconGridDots,
  IconHome,
  IconKey,
  IconListDetails,
  IconMailbox,
  IconAntennaBars5,
  IconSettings,
  IconSpeakerphone,
  IconUsers,
  IconUsersGroup,
  type Icon,
} from '@tabler/icons-react'
import type { LinkProps } from '@tanstack/react-router'

export type PlaceName =
  | 'home'
  | 'customers'
  | 'audiences'
  | 'questions'
  | 'rfm'
  | 'trend'
  | 'funnel'
  | 'retention'
  | 'paths'
  | 'campaigns'
  | 'live'
  | 'dictionary'
  | 'rejects'
  | 'keys'
  | 'imports'
  | 'sandbox'
  | 'settings'

export type GroupName = 'people' | 'explore' | 'engage' | 'data' | 'workspace'

export interface Place {
  name: PlaceName
  to: NonNullable<LinkProps['to']>
  icon: Icon
  group?: GroupName
  /** Pressed after `g`. */
  key: string
}

export const PLACES: readonly Place[] = [
  { name: 'home', to: '/', icon: IconHome, key: 'h' },
  { name: 'customers', to: '/customers', icon: IconUsers, group: 'people', key: 'c' },
  { name: 'audiences', to: '/audiences', icon: IconUsersGroup, group: 'people', key: 'a' },
  { name: 'questions', to: '/questions', icon: IconBookmark, group: 'explore', key: 'q' },
  { name: 'trend', to: '/explore/trend', icon: IconChartLine, group: 'explore', key: 't' },
  { name: 'funnel', to: '/explore/funnel', icon: IconFilterDown, group: 'explore', key: 'f' },
  { name: 'retention', to: '/explore/retention', icon: IconTable, group: 'explore', key: 'e' },
  { name: 'paths', to: '/explore/paths', icon: IconRoute, group: 'explore', key: 'p' },
  { name: 'rfm', to: '/explore/rfm', icon: IconGridDots, group: 'explore', key: 'r' },
  { name: 'campaigns', to: '/campaigns', icon: IconSpeakerphone, group: 'engage', key: 'm' },
  { name: 'live', to: '/data/live', icon: IconAntennaBars5, group: 'data', key: 'l' },
  { name: 'dictionary', to: '/data/dictionary', icon: IconListDetails, group: 'data', key: 'd' },
  { name: 'rejects', to: '/data/rejects', icon: IconBox, group: 'data', key: 'x' },
  { name: 'keys', to: '/data/keys', icon: IconKey, group: 'data', key: 'k' },
  { name: 'imports', to: '/data/imports', icon: IconDatabaseImport, group: 'data', key: 'i' },
  { name: 'sandbox', to: '/sandbox', icon: IconMailbox, group: 'workspace', key: 'b' },
  { name: 'settings', to: '/settings', icon: IconSettings, group: 'workspace', key: 's' },
]
