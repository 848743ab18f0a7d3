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
        w={152}
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
      <Degrees of="latitude" degrees={latitude} onChange={(next) => set({ point: [next, longitude] })} />
      <Degrees of="longitude" degrees={longitude} onChange={(next) => set({ point: [latitude, next] })} />
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

interface DegreesProps {
  of: 'latitude' | 'longitude'
  degrees: number
  onChange: (degrees: number) => void
}

const DEGREES_MAX = { latitude: 90, longitude: 180 }

/** What is no place on the earth stands as it was typed, is marked, and is handed on to be refused: it is never bent to fit. */
function Degrees({ of, degrees, onChange }: DegreesProps) {
  const { t } = useTranslation('condition')
  const max = DEGREES_MAX[of]
  return (
    <NumberInput
      aria-label={t(`place.${of}`)}
      title={t('place.degrees', { max })}
      prefix={t(`place.${of}Short`)}
      size="xs"
      w={128}
      hideControls
      clampBehavior="none"
      value={Number.isNaN(degrees) ? '' : degrees}
      error={!(Math.abs(degrees) <= max)}
      onChange={(value) => onChange(value === '' ? NaN : Number(value))}
    />
  )
}

/** What is typed stands; while it is no list of corners there is no area, and the condition is refused. */
function Inside({ corners, onChange }: { corners: readonly Point[]; onChange: (area: Area) => void }) {
  const { t } = useTranslation('condition')
  const [typed, setTyped] = useState({ text: cornersText(corners), corners })
  // Corners that were not typed here are shown as they are.
  const text = typed.corners === corners ? typed.text : cornersText(corners)
  return (
    <TextInput
      aria-label={t('place.corners')}
      title={t('place.cornersText')}
      size="xs"
      flex="1 1 280px"
      maw={560}
      value={text}
      error={cornersOf(text) === null ? t('place.cornersText') : undefined}
      onChange={(event) => {
        const next = event.currentTarget.value
        const inside = cornersOf(next) ?? []
        setTyped({ text: next, corners: inside })
        onChange({ inside })
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
