//! The pages that customers see, in English and Japanese: no script, no picture, nothing from elsewhere.

use api::{Problem, ProblemCode};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use model::Purpose;

use crate::receipts::Preferences;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// English.
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// The first of the two that `locale` (a tag, or a browser's list of them, the dearest first) names; English when it
    /// names neither.
    pub(super) fn of(locale: &str) -> Self {
        let known = |tag: &str| match tag.trim_start().get(..2)?.to_ascii_lowercase().as_str() {
            "ja" => Some(Self::Japanese),
            "en" => Some(Self::English),
            _ => None,
        };
        locale.split(',').find_map(known).unwrap_or(Self::English)
    }

    /// What the reader's browser asks for.
    pub(super) fn asked(headers: &HeaderMap) -> Self {
        Self::of(
            headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default(),
        )
    }

    const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    const fn pick(self, english: &'static str, japanese: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Japanese => japanese,
        }
    }
}

const STYLE: &str = ":root{color-scheme:light dark}\
body{font:16px/1.7 system-ui,'Hiragino Sans','Noto Sans JP',sans-serif;max-width:34rem;\
margin:12vh auto;padding:0 1.5rem;color:#1c2430;background:#fff}h1{font-size:1.4rem;line-height:1.4}\
button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.4rem;background:#24476b;color:#fff;cursor:pointer}\
button:focus-visible,input:focus-visible{outline:3px solid #e0a030;outline-offset:2px}label{display:block;padding:.4rem 0}\
fieldset{border:1px solid #c8d0d8;border-radius:.4rem;margin:1rem 0;padding:.6rem 1rem}.done{padding:.6rem 1rem;\
background:#e8f2ea;border-radius:.4rem}@media(prefers-color-scheme:dark){body{color:#e8ecf0;background:#14181d}\
button{background:#8fb8e0;color:#14181d}.done{background:#1f3324}}";

/// A page as an answer.
pub(super) fn html(page: &str) -> Response {
    (
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")],
        page.to_owned(),
    )
        .into_response()
}

/// Asks whether the customer wants to leave.
pub(super) fn ask_to_leave(language: Language, brand: &str) -> String {
    let title = language.pick("Stop receiving these messages?", "配信を停止しますか？");
    let text = language.pick(
        "One click, and you will receive no more messages of this kind.",
        "ボタンを押すと、この種類のメッセージは今後お届けしません。",
    );
    let button = language.pick("Unsubscribe", "配信を停止する");
    let content = format!("<p>{text}</p><form method=\"post\"><button>{button}</button></form>");
    whole(language, (Some(brand), title), &content)
}

/// Says that the customer left.
pub(super) fn left(language: Language, brand: &str) -> String {
    let title = language.pick("You are unsubscribed", "配信を停止しました");
    let text = language.pick(
        "It has taken effect already. You will receive no more messages of this kind.",
        "停止の設定は完了しています。この種類のメッセージは今後お届けしません。",
    );
    whole(language, (Some(brand), title), &format!("<p class=\"done\" role=\"status\">{text}</p>"))
}

/// What the customer wants to hear about; `saved`: they have just said so.
pub(super) fn preferences(language: Language, brand: &str, (chosen, saved): (&Preferences, bool)) -> String {
    let title = language.pick("Your preferences", "配信の設定");
    let mut content = String::new();
    if saved {
        let text =
            language.pick("Saved. It has taken effect already.", "保存しました。設定はすでに有効です。");
        content.push_str(&format!("<p class=\"done\" role=\"status\">{text}</p>"));
    }
    content.push_str("<form method=\"post\">");
    let (purpose, given) = chosen.purpose;
    content.push_str(&tick(("purpose", purpose.word()), purpose_text(language, purpose), given));
    if !chosen.topics.is_empty() {
        let legend = language.pick("Topics", "トピック");
        content.push_str(&format!("<fieldset><legend>{legend}</legend>"));
        for (topic, subscribed) in &chosen.topics {
            content.push_str(&tick(("topic", topic), topic, *subscribed));
        }
        content.push_str("</fieldset>");
    }
    let button = language.pick("Save", "保存する");
    content.push_str(&format!("<button>{button}</button></form>"));
    whole(language, (Some(brand), title), &content)
}

/// What a customer reads when they cannot get what a link promised.
pub(super) fn wrong(language: Language, problem: &Problem) -> String {
    let (title, text) = match (problem.status, problem.code) {
        (429 | 500.., _) => (
            language.pick("Please try again in a moment", "しばらくしてからもう一度お試しください"),
            language.pick(
                "We are sorry: this could not be done just now. Please open the link again in a minute.",
                "申し訳ございません。ただいま処理を完了できませんでした。1 分ほどおいて、もう一度リンクを開いてください。",
            ),
        ),
        (_, ProblemCode::NotFound) => (
            language.pick("This link is no longer valid", "このリンクは無効です"),
            language.pick(
                "It belongs to a test, or to a message that is no longer known. Please use the link in a newer message.",
                "テスト用のメッセージ、または記録の残っていないメッセージのリンクです。お手数ですが、新しいメッセージのリンクをご利用ください。",
            ),
        ),
        _ => (
            language.pick("This link does not work", "このリンクは開けません"),
            language.pick(
                "A part of it may be missing: some programs cut long links. Please go back to the message and open the \
                 link from there, or copy all of it into your browser.",
                "リンクの一部が欠けている可能性があります。お手数ですが、メッセージに戻ってもう一度リンクを開くか、リンク全体をコピーしてブラウザーに貼り付けてください。",
            ),
        ),
    };
    let help = language.pick(
        "If this happens again, please write to the sender of the message.",
        "それでも解決しない場合は、メッセージの差出人までお問い合わせください。",
    );
    whole(language, (None, title), &format!("<p role=\"alert\">{text}</p><p>{help}</p>"))
}

fn tick((name, value): (&str, &str), text: &str, on: bool) -> String {
    let checked = if on { " checked" } else { "" };
    let (value, text) = (escaped(value), escaped(text));
    format!("<label><input type=\"checkbox\" name=\"{name}\" value=\"{value}\"{checked}> {text}</label>")
}

const fn purpose_text(language: Language, purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Marketing => language.pick("News and offers", "お知らせとご案内"),
        Purpose::Transactional => language.pick("Messages about my orders", "ご注文に関するご連絡"),
        Purpose::Security => {
            language.pick("Messages about the safety of my account", "アカウントの安全に関するご連絡")
        }
        Purpose::Service => language.pick("Messages about my requests", "お問い合わせに関するご連絡"),
        Purpose::Research => language.pick("Surveys", "アンケート"),
        Purpose::Location => language.pick("Use of my location", "位置情報の利用"),
    }
}

fn whole(language: Language, (brand, title): (Option<&str>, &str), content: &str) -> String {
    let brand = brand.map(escaped);
    let above = brand.as_ref().map(|brand| format!("<p>{brand}</p>")).unwrap_or_default();
    let after = brand.map(|brand| format!(" · {brand}")).unwrap_or_default();
    let tag = language.tag();
    format!(
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title}{after}</title><style>{STYLE}</style></head><body><main>{above}<h1>{title}</h1>\
         {content}</main></body></html>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use model::ErrorKind;

    use super::*;

    #[test]
    fn a_page_speaks_the_language_of_its_reader() {
        assert_eq!(Language::of("ja-JP"), Language::Japanese);
        assert_eq!(Language::of("en-GB,ja;q=0.5"), Language::English);
        assert_eq!(Language::of("fr-FR, fr;q=0.9, ja;q=0.5, en;q=0.1"), Language::Japanese);
        assert_eq!(Language::of("靴"), Language::English);
        assert!(left(Language::Japanese, "店").contains("配信を停止しました"));
    }

    #[test]
    fn what_went_wrong_is_said_in_words_for_the_reader_and_never_in_those_of_programs() {
        let check = |problem: Problem, english: &str, japanese: &str| {
            for (language, title) in [(Language::English, english), (Language::Japanese, japanese)] {
                let page = wrong(language, &problem);
                assert!(page.contains(&format!("<h1>{title}</h1>")), "{page}");
                assert!(!page.contains(&problem.detail), "{page}");
            }
        };
        let of = |kind| Problem::new(kind, "told to programs");
        check(of(ErrorKind::Invalid), "This link does not work", "このリンクは開けません");
        check(of(ErrorKind::Forbidden), "This link does not work", "このリンクは開けません");
        check(of(ErrorKind::NotFound), "This link is no longer valid", "このリンクは無効です");
        let later = ("Please try again in a moment", "しばらくしてからもう一度お試しください");
        check(of(ErrorKind::Unavailable), later.0, later.1);
        check(of(ErrorKind::Overloaded), later.0, later.1);
    }

    #[test]
    fn what_others_wrote_is_text_and_never_markup() {
        let chosen = Preferences {
            locale: None,
            purpose: (Purpose::Marketing, true),
            topics: vec![("<script>\"".into(), false)],
        };
        let page = preferences(Language::English, "A&B", (&chosen, false));
        assert!(
            page.contains("&lt;script&gt;&quot;") && page.contains("A&amp;B") && !page.contains("<script")
        );
    }
}
