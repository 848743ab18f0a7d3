import { ActionIcon, Button, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { entryQuery } from '~/api/data'
import { testsOf, whereOf, type Filter, type FilterTest } from '~/lib/condition'
import classes from './builder.module.css'
import { NameField } from './one-line'
import { freshPlace, PlaceFields } from './place'
import { TestFields } from './test'

interface WhereProps {
  event: string
  where: Filter | undefined
  onChange: (where: Filter | undefined) => void
}

/** What is asked of each event: tests of its properties, all of which must hold. */
export function Where({ event, where, onChange }: WhereProps) {
  const { t } = useTranslation('condition')
  const names = useQuery(entryQuery(event)).data?.properties.map(({ name }) => name) ?? []
  const tests = testsOf(where)
  if (tests === null) {
    return (
      <Text size="sm" c="dimmed">
        {t('whereText')}
      </Text>
    )
  }
  const add = (test: FilterTest) => onChange(whereOf([...tests, test]))
  return (
    <>
      {tests.length > 0 ? (
        <div className={classes['where']}>
          {tests.map((each, at) => {
            const set = (next: FilterTest) => onChange(whereOf(tests.with(at, next)))
            return (
              <div key={at} className={classes['test']}>
                <span>{at === 0 ? t('where') : t('and')}</span>
                {each.type === 'place' ? (
                  <PlaceFields place={each.place} onChange={(place) => set({ ...each, place })} />
                ) : (
                  <>
                    <NameField
                      label={t('property')}
                      value={each.name}
                      names={names}
                      onChange={(name) => set({ ...each, name })}
                    />
                    <TestFields test={each.test} onChange={(test) => set({ ...each, test })} />
                  </>
                )}
                <ActionIcon
                  aria-label={t('removeTest')}
                  onClick={() => onChange(whereOf(tests.toSpliced(at, 1)))}
                >
                  <IconX size={14} />
                </ActionIcon>
              </div>
            )
          })}
        </div>
      ) : null}
      <Button
        variant="subtle"
        color="gray"
        onClick={() => add({ type: 'property', name: '', test: { is: '=', value: '' } })}
      >
        {t('addWhere')}
      </Button>
      <Button variant="subtle" color="gray" onClick={() => add({ type: 'place', place: freshPlace() })}>
        {t('addPlace')}
      </Button>
    </>
  )
}
