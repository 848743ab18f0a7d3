import { ActionIcon, Button, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { entryQuery } from '~/api/data'
import { testsOf, whereOf, type Filter } from '~/lib/condition'
import classes from './builder.module.css'
import { NameField } from './one-line'
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
  return (
    <>
      {tests.length > 0 ? (
        <div className={classes['where']}>
          {tests.map(({ name, test }, at) => {
            const set = (next: (typeof tests)[number]) => onChange(whereOf(tests.with(at, next)))
            return (
              <div key={at} className={classes['test']}>
                <span>{at === 0 ? t('where') : t('and')}</span>
                <NameField
                  label={t('property')}
                  value={name}
                  names={names}
                  onChange={(to) => set({ name: to, test })}
                />
                <TestFields test={test} onChange={(to) => set({ name, test: to })} />
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
        onClick={() => onChange(whereOf([...tests, { name: '', test: { is: '=', value: '' } }]))}
      >
        {t('addWhere')}
      </Button>
    </>
  )
}
