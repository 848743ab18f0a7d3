/** A campaign while it is written. */
import type { CampaignDraft, Variant } from '~/api/types'

export const SAMPLE: Record<string, Omit<Variant, 'language' | 'format'>> = {
  en: {
    subject: 'Something for you, {{ customer.name | default: "dear customer" }}',
    preheader: 'Chosen with you in mind',
    body: `<mjml>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text font-size="20px">Hello {{ customer.name | default: "there" }},</mj-text>
        <mj-text>we put something aside that we think you will like.</mj-text>
        <mj-button href="https://example.com/">Have a look</mj-button>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>`,
  },
  ja: {
    subject: '{{ customer.name | default: "お客" }}様へのご案内',
    preheader: 'お客様のためにお選びしました',
    body: `<mjml>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text font-size="20px">{{ customer.name | default: "お客" }}様</mj-text>
        <mj-text>いつもありがとうございます。お気に召しそうな品をご用意しました。</mj-text>
        <mj-button href="https://example.com/">詳しく見る</mj-button>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>`,
  },
}

const PLAIN: Omit<Variant, 'language' | 'format'> = { subject: '', preheader: '', body: '' }

/** A variant to begin with in a language. */
export function freshVariant(language: string): Variant {
  return { ...(SAMPLE[language.slice(0, 2)] ?? PLAIN), language, format: 'mjml' }
}

export function freshDraft(name: string, audience: string | null, language: string): CampaignDraft {
  return {
    name,
    audience,
    purpose: 'marketing',
    channel: 'email',
    variants: [freshVariant(language)],
    holdout_percent: 0,
  }
}

/** Whether two drafts say the same. */
export function sameDraft(a: CampaignDraft, b: CampaignDraft): boolean {
  return JSON.stringify(ordered(a)) === JSON.stringify(ordered(b))
}

/** The same with fields in one order, and without those that say nothing. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  const pairs = Object.entries(value).filter(([, said]) => said !== null && said !== undefined)
  return Object.fromEntries(
    pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, said]) => [name, ordered(said)]),
  )
}
