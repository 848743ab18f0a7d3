import { NumberInput, Select, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import {
  cornersOf,
  cornersText,
  nameOf,
  placeUnder,
  type Area,
  type LastPlace,
  type Place,
  type Point,
} from '~/lib/condition'
import { EventField, type OneLineProps } from './one-line'
import { Where } from './where'
import { WindowFields } from './window'

interface PlaceFieldsProps {
  place: Place
  onChange: (place: Place) => void
}

/** Around Tokyo station: somewhere to begin from. */
const TOKYO: Point = [35.6812, 139.7671]

/** A place that nobody has chosen yet. */
export function freshPlace(): Place {
  return placeUnder('', { near: { point: TOKYO, meters: 2000 } })
}

/** Which numbers say where something is, and where that must be. */
export function PlaceFields({ place, onChange }: PlaceFieldsProps) {
  const { t } = useTranslation('condition')
  const name = nameOf(place)
  return (
    <>
      {name === null ? (
        <span className="mono">{`${place.latitude}, ${place.longitude}`}</span>
      ) : (
        <TextInput
          aria-label={t('place.name')}
          placeholder={t('place.nameUsual')}
          title={t('place.nameText')}
          size="xs"
          w={168}
          value={name}
          onChange={(event) => onChange(placeUnder(event.currentTarget.value, place.area))}
        />
      )}
      <AreaFields area={place.area} onChange={(area) => onChange({ ...place, area })} />
    </>
  )
}

interface AreaFieldsProps {
  area: Area
  onChange: (area: Area) => void
}

function AreaFields({ area, onChange }: AreaFieldsProps) {
  const { t } = useTranslation('condition')
  return (
    <>
      <Select
        aria-label={t('place.area')}
        size="xs"
        w={120}
        value={'near' in area ? 'near' : 'inside'}
        onChange={(kind) => onChange(turned(kind === 'inside' ? 'inside' : 'near', area))}
        data={[
          { value: 'near', label: t('place.near') },
          { value: 'inside', label: t('place.inside') },
        ]}
      />
      {'near' in area ? (
        <Near {...area.near} onChange={onChange} />
      ) : (
        <Inside corners={area.inside} onChange={onChange} />
      )}
    </>
  )
}

/** The other kind of area, about where this one is. */
function turned(kind: 'near' | 'inside', was: Area): Area {
  if (kind in was) return was
  if ('near' in was) {
    const [latitude, longitude] = was.near.point
    return {
      inside: [
        [latitude, longitude],
        [latitude, longitude + 0.1],
        [latitude + 0.1, longitude],
      ],
    }
  }
  return { near: { point: was.inside[0] ?? TOKYO, meters: 2000 } }
}

function Near({ point, meters, onChange }: { point: Point; meters: number; onChange: (area: Area) => void }) {
  const { t } = useTranslation('condition')
  const [latitude, longitude] = point
  const set = (next: Partial<{ point: Point; meters: number }>) =>
    onChange({ near: { point, meters, ...next } })
  return (
    <>
      <NumberInput
        aria-label={t('place.latitude')}
        size="xs"
        w={112}
        min={-90}
        max={90}
        value={latitude}
        onChange={(value) => set({ point: [Number(value), longitude] })}
      />
      <NumberInput
        aria-label={t('place.longitude')}
        size="xs"
        w={112}
        min={-180}
        max={180}
        value={longitude}
        onChange={(value) => set({ point: [latitude, Number(value)] })}
      />
      <Text size="sm">{t('place.within')}</Text>
      <NumberInput
        aria-label={t('place.distance')}
        suffix=" km"
        size="xs"
        w={104}
        min={0.001}
        decimalScale={3}
        value={meters / 1000}
        onChange={(value) => set({ meters: Math.round(Number(value) * 1000) })}
      />
    </>
  )
}

/** While somebody types, what they typed stands; every whole list of corners counts. */
function Inside({ corners, onChange }: { corners: readonly Point[]; onChange: (area: Area) => void }) {
  const { t } = useTranslation('condition')
  const [typed, setTyped] = useState(cornersText(corners))
  return (
    <TextInput
      aria-label={t('place.corners')}
      title={t('place.cornersText')}
      size="xs"
      miw={280}
      value={typed}
      error={cornersOf(typed).length < 3 ? t('place.cornersText') : undefined}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        const read = cornersOf(event.currentTarget.value)
        if (read.length >= 3) onChange({ inside: read })
      }}
    />
  )
}

/** Where somebody was seen last. */
export function LastPlaceFields({ of, onChange }: OneLineProps<LastPlace>) {
  const { t } = useTranslation('condition')
  return (
    <>
      <Text size="sm">{t('kind.last_place')}</Text>
      <EventField event={of.event} onChange={(event) => onChange({ ...of, event })} />
      <PlaceFields place={of.place} onChange={(place) => onChange({ ...of, place })} />
      <WindowFields window={of.window} onChange={(window) => onChange({ ...of, window })} />
      <Where event={of.event} where={of.where} onChange={(where) => onChange({ ...of, where })} />
    </>
  )
}
