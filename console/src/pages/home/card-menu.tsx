import { ActionIcon, Menu } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconDots, IconPinnedOff } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { moveQuestion, pinQuestion } from '~/api/questions'
import type { SavedQuestion } from '~/api/types'

/** What can be done with a card of the board: another place among the `last` there are, or off it. */
export function CardMenu({ saved, last }: { saved: SavedQuestion; last: number }) {
  const { t } = useTranslation('explore')
  const button = useRef<HTMLButtonElement>(null)
  const place = saved.place ?? last
  const wasMoved = useRef(false)
  const move = useMutation({
    mutationFn: (to: number) => moveQuestion(saved, to),
    onMutate: () => {
      wasMoved.current = true
    },
  })
  useEffect(() => {
    // A card that stands elsewhere has lost the keyboard; whoever moved it goes on from there.
    if (wasMoved.current) button.current?.focus()
    wasMoved.current = false
  }, [place])
  const unpin = useMutation({ mutationFn: () => pinQuestion(saved, false) })
  return (
    <>
      <span className="sr-only" role="status">
        {move.isSuccess ? t('board.moved', { name: saved.name, place, last }) : null}
      </span>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon
            ref={button}
            size="sm"
            aria-label={`${saved.name}: ${t('board.menu')}`}
            loading={unpin.isPending}
          >
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconArrowUp size={16} />}
            disabled={place <= 1}
            onClick={() => move.mutate(place - 1)}
          >
            {t('board.up')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArrowDown size={16} />}
            disabled={place >= last}
            onClick={() => move.mutate(place + 1)}
          >
            {t('board.down')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconPinnedOff size={16} />} onClick={() => unpin.mutate()}>
            {t('board.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
