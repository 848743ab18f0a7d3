import { useQuery } from '@tanstack/react-query'
import type { NavigateOptions } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { audiencesQuery } from '~/api/audiences'
import { campaignsQuery } from '~/api/campaigns'
import { customerSearchQuery } from '~/api/customers'
import { savedQuery } from '~/api/questions'
import { useZone } from '~/api/session'
import { useWord } from '~/i18n/word'
import { savedSearch } from '~/lib/question'
import { PLACES } from './places'

export type FindGroup = 'places' | 'actions' | 'customers' | 'audiences' | 'campaigns' | 'questions'

export interface Find {
  key: string
  group: FindGroup
  label: string
  hint?: string
  go: NavigateOptions
}

const PER_GROUP_MAX = 6

function matches(text: string, label: string): boolean {
  return label.toLowerCase().includes(text.toLowerCase())
}

/** What fits `text`; `query` is the same a moment later, for what only the server knows. */
export function useFound(text: string, query: string): Find[] {
  const fixed = useFixed()
  const audiences = useQuery(audiencesQuery).data?.items
  const campaigns = useQuery(campaignsQuery).data?.items
  const questions = useQuery(savedQuery).data?.items
  const zone = useZone()
  const customers = useQuery({ ...customerSearchQuery(query, PER_GROUP_MAX), enabled: query.length > 1 }).data
    ?.items
  const word = useWord()
  return useMemo(() => {
    const named: Find[] = [
      ...(audiences ?? []).map(({ name }): Find => ({
        key: `audience:${name}`,
        group: 'audiences',
        label: name,
        go: { to: '/audiences/$name', params: { name } },
      })),
      ...(questions ?? []).flatMap((saved): Find[] => {
        const { id, name, question } = saved
        if (question.type === 'count') return []
        const search = savedSearch(saved, zone) as object
        const go = { to: `/explore/${question.type}`, search } as NavigateOptions
        return [{ key: `question:${String(id)}`, group: 'questions', label: name, go }]
      }),
      ...(campaigns ?? []).map(({ id, name, state }): Find => ({
        key: `campaign:${String(id)}`,
        group: 'campaigns',
        label: name,
        hint: word('campaign', state),
        go: { to: '/campaigns/$id', params: { id: String(id) } },
      })),
    ]
    const people = (query.length > 1 ? (customers ?? []) : []).map(({ id, label }): Find => ({
      key: `customer:${id}`,
      group: 'customers',
      label,
      hint: id,
      go: { to: '/customers/$id', params: { id } },
    }))
    const known = [...fixed, ...(text === '' ? [] : named)].filter(({ label }) => matches(text, label))
    const groups = Map.groupBy([...known, ...people], ({ group }) => group)
    return [...groups.values()].flatMap((finds) => (text === '' ? finds : finds.slice(0, PER_GROUP_MAX)))
  }, [text, query, fixed, audiences, campaigns, questions, zone, customers, word])
}

function useFixed(): Find[] {
  const { t } = useTranslation('shell')
  return useMemo(
    () => [
      ...PLACES.map((place): Find => ({
        key: place.name,
        group: 'places',
        label: t(`place.${place.name}`),
        hint: `g ${place.key}`,
        go: { to: place.to },
      })),
      { key: 'new-audience', group: 'actions', label: t('action.newAudience'), go: { to: '/audiences/new' } },
      { key: 'new-campaign', group: 'actions', label: t('action.newCampaign'), go: { to: '/campaigns/new' } },
    ],
    [t],
  )
}
