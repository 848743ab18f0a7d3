//! Compile a source once; render one person's mail from it, or say what would be missing.

use liquid::{CompileOptions, Escape, RenderOptions, Template, Touches};
use model::{Instant, Text};
use xxhash_rust::xxh3::Xxh3Default;

use crate::links::{self, LinkMaker};
use crate::markup;
use crate::person::{Person, Root};
use crate::plain;
use crate::source::{Body, Fault, Faults, Part, Source};

/// A compiled message in one language: immutable, shared between threads.
#[derive(Debug, Clone)]
pub struct Content {
    subject: Template,
    /// Missing for a plain text message.
    html: Option<Template>,
    text: Template,
}

/// One person's mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mail {
    /// The subject line; one line.
    pub subject: String,
    /// The HTML part; empty for a plain text message.
    pub html: String,
    /// The plain text part.
    pub text: String,
}

impl Mail {
    /// A hash of everything the person will read.
    fn hash(&self) -> u64 {
        let mut hasher = Xxh3Default::new();
        for part in [&self.subject, &self.html, &self.text] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.digest()
    }
}

/// What one rendering needs besides the content.
#[derive(Clone, Copy)]
pub struct Rendering<'a> {
    /// For whom.
    pub person: Person<'a>,
    /// What `now` means.
    pub now: Instant,
    /// The person's time zone, such as `Asia/Tokyo`.
    pub zone: &'a str,
    /// The person's language, such as `ja`.
    pub locale: &'a str,
    /// What happens to links.
    pub links: &'a dyn LinkMaker,
    /// `unsubscribe_url`.
    pub unsubscribe_url: &'a str,
    /// `preferences_url`.
    pub preferences_url: &'a str,
}

/// Why there is no mail for this person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A value was wanted, was not there, and had no fallback.
    #[error("a value is missing and has no fallback. part=`{}`, path=`{path}`, line=`{line}`", part.word())]
    Missing {
        /// In which part.
        part: Part,
        /// Which value.
        path: Text,
        /// On which line of the template.
        line: u32,
    },
    /// The template itself said no (`abort_message`).
    #[error("the template aborted the message. reason=`{reason}`")]
    Aborted {
        /// What it said.
        reason: Text,
    },
    /// A limit stopped it.
    #[error("the template could not be rendered. part=`{}`, reason=`{reason}`", part.word())]
    Stopped {
        /// In which part.
        part: Part,
        /// Which limit, or what else.
        reason: Text,
    },
    /// The subject renders to nothing.
    #[error("the subject is empty for this person; give its values a fallback")]
    NoSubject,
}

/// Most mails fit, so that they are not copied while they grow.
const HTML_BYTES_USUAL: usize = 32 << 10;
/// What links that lead through us usually add to that.
const LINK_BYTES_USUAL: usize = 4 << 10;

impl Content {
    /// Compiles a source.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its place in the source as written.
    pub fn compile(source: &Source) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let subject = compile_part(Part::Subject, &source.subject, &mut faults);
        compile_part(Part::Preheader, &source.preheader, &mut faults);
        // The body as written is compiled for its errors, whose places the author can find.
        compile_part(Part::Body, source.body.text(), &mut faults);
        if source.subject.trim().is_empty() {
            let message = "the subject is empty; write one".to_owned();
            faults.push(Fault { part: Part::Subject, line: 1, column: 1, message, picture: String::new() });
        }
        if let Some(text) = &source.text {
            compile_part(Part::Text, text, &mut faults);
        }
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        let html = match &source.body {
            Body::Mjml(mjml) => Some(markup::mjml_to_html(mjml)?),
            Body::Html(html) => Some(html.clone()),
            Body::Text(_) => None,
        };
        let html = html.map(|html| with_preheader(&html, &source.preheader));
        let text = match (&source.text, &html) {
            (Some(text), _) => text.clone(),
            (None, Some(html)) => automatic_text(html),
            (None, None) => source.body.text().to_owned(),
        };
        let html = html.map(|html| compile_part(Part::Body, &html, &mut faults));
        let text = compile_part(Part::Text, &text, &mut faults);
        match (subject, html, text) {
            (Some(subject), Some(Some(html)), Some(text)) => Ok(Self { subject, html: Some(html), text }),
            (Some(subject), None, Some(text)) => Ok(Self { subject, html: None, text }),
            (_, _, _) => Err(Faults(faults)),
        }
    }

    /// What its templates read, so that only that is loaded and all of it can be checked before launch.
    pub fn touches(&self) -> impl Iterator<Item = &Touches> {
        [Some(&self.subject), self.html.as_ref(), Some(&self.text)]
            .into_iter()
            .flatten()
            .map(Template::touches)
    }

    /// The names of the events whose latest occurrence it reads (`last.EVENT.…`).
    pub fn last_events(&self) -> Vec<Text> {
        let mut names: Vec<Text> = self
            .touches()
            .flat_map(|touches| &touches.variables)
            .filter_map(|variable| variable.path.strip_prefix("last."))
            .filter_map(|path| path.split('.').next())
            .map(Text::from)
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Writes one person's mail.
    ///
    /// # Errors
    /// [`Broken`] when it would have a hole in it: nobody gets half a mail.
    pub fn render(&self, rendering: &Rendering<'_>) -> Result<Mail, Broken> {
        let mut mail = self.write(rendering)?;
        if self.html.is_some() {
            let html = std::mem::take(&mut mail.html);
            mail.html.reserve(html.len() + LINK_BYTES_USUAL);
            links::track(&html, rendering.links, &mut mail.html);
        }
        Ok(mail)
    }

    /// What names exactly the mail that [`Self::render`] would write, before its links lead through us: those follow
    /// from it and the message's id.
    ///
    /// # Errors
    /// As [`Self::render`].
    pub fn fingerprint(&self, rendering: &Rendering<'_>) -> Result<u64, Broken> {
        self.write(rendering).map(|mail| mail.hash())
    }

    /// The mail with its links as the author wrote them.
    fn write(&self, rendering: &Rendering<'_>) -> Result<Mail, Broken> {
        let root = Root {
            person: rendering.person,
            unsubscribe_url: rendering.unsubscribe_url,
            preferences_url: rendering.preferences_url,
        };
        let mut mail = Mail::default();
        render_part(Part::Subject, &self.subject, (&root, rendering), &mut mail.subject)?;
        one_line(&mut mail.subject);
        if mail.subject.is_empty() {
            return Err(Broken::NoSubject);
        }
        if let Some(template) = &self.html {
            mail.html.reserve(HTML_BYTES_USUAL);
            render_part(Part::Body, template, (&root, rendering), &mut mail.html)?;
        }
        render_part(Part::Text, &self.text, (&root, rendering), &mut mail.text)?;
        Ok(mail)
    }
}

fn compile_part(part: Part, source: &str, faults: &mut Vec<Fault>) -> Option<Template> {
    let options =
        CompileOptions { name: part.word(), aliases: liquid::compat::ALL, ..CompileOptions::default() };
    match Template::compile(source, &options) {
        Ok(template) => Some(template),
        Err(errors) => {
            faults.extend(errors.0.iter().map(|error| Fault {
                part,
                line: error.place.line,
                column: error.place.column,
                message: error.to_string().lines().next().unwrap_or_default().to_owned(),
                picture: format!("{}\n{:>width$}", error.place.excerpt, "^", width = error.place.caret + 1),
            }));
            None
        }
    }
}

/// Puts the preheader, hidden, at the beginning of the body.
fn with_preheader(html: &str, preheader: &str) -> String {
    if preheader.is_empty() {
        return html.to_owned();
    }
    let body = html.find("<body").and_then(|at| html[at..].find('>').map(|end| at + end + 1)).unwrap_or(0);
    let (before, after) = html.split_at(body);
    format!("{before}<div style=\"display:none;max-height:0;overflow:hidden\">{preheader}</div>{after}")
}

/// The text part of an HTML body, its Liquid tags in their places.
fn automatic_text(html: &str) -> String {
    match crate::aside::set_aside(html) {
        Some((text, tags)) => tags.put_back(&plain::html_to_text(&text)),
        None => plain::html_to_text(html),
    }
}

fn render_part(
    part: Part,
    template: &Template,
    (root, rendering): (&Root<'_>, &Rendering<'_>),
    out: &mut String,
) -> Result<(), Broken> {
    let options = RenderOptions {
        escape: if part == Part::Body { Escape::Html } else { Escape::Text },
        now_ms: rendering.now.ms(),
        zone: rendering.zone,
        locale: rendering.locale,
        ..RenderOptions::default()
    };
    let report = template.render(root, &options, out).map_err(|error| Broken::Stopped {
        part,
        reason: error.to_string().lines().next().unwrap_or_default().into(),
    })?;
    if let Some(reason) = report.aborted {
        return Err(Broken::Aborted { reason: reason.into() });
    }
    match report.gaps.first() {
        Some(gap) => Err(Broken::Missing { part, path: gap.path.as_str().into(), line: gap.line }),
        None => Ok(()),
    }
}

/// A header is one line: line ends become spaces.
fn one_line(subject: &mut String) {
    if subject.contains(['\r', '\n']) {
        *subject = subject
            .split(['\r', '\n'])
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
    }
    *subject = subject.trim().to_owned();
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

#[cfg(test)]
mod tests {
    use model::Properties;

    use super::*;
    use crate::Untracked;

    fn source(subject: &str, html: &str) -> Source {
        Source {
            subject: subject.into(),
            preheader: String::new(),
            body: Body::Html(html.into()),
            text: None,
        }
    }

    fn render(source: &Source, traits: &Properties) -> Result<Mail, Broken> {
        let content = Content::compile(source).expect("the test's source is right");
        content.render(&Rendering {
            person: Person { traits, last_events: &[] },
            now: Instant::from_ms(0),
            zone: "UTC",
            locale: "en",
            links: &Untracked,
            unsubscribe_url: "https://u",
            preferences_url: "https://p",
        })
    }

    fn aiko() -> Properties {
        [("first_name", "Aiko & Ren"), ("address.city", "Kyoto")].into_iter().collect()
    }

    #[test]
    fn a_person_is_greeted_by_name_and_escaped_where_it_matters() {
        let mail = render(
            &source(
                "Hi {{ customer.first_name }}",
                "<p>{{ customer.first_name }}, {{ customer.address.city }}</p>",
            ),
            &aiko(),
        )
        .unwrap();
        assert_eq!(mail.subject, "Hi Aiko & Ren");
        assert_eq!(mail.html, "<p>Aiko &amp; Ren, Kyoto</p>");
        assert_eq!(mail.text, "Aiko & Ren, Kyoto");
    }

    #[test]
    fn templates_of_other_products_are_understood() {
        let mail = render(&source("Hi {{${first_name}}}", "{{ Profile.first_name }}"), &aiko()).unwrap();
        assert_eq!(mail.subject, "Hi Aiko & Ren");
    }

    #[test]
    fn a_missing_value_without_fallback_holds_the_message_and_is_named() {
        let broken = render(&source("Hi", "{{ customer.last_name }}"), &aiko()).unwrap_err();
        assert_eq!(broken, Broken::Missing { part: Part::Body, path: "customer.last_name".into(), line: 1 });
        assert!(render(&source("Hi", "{{ customer.last_name | default: 'you' }}"), &aiko()).is_ok());
    }

    #[test]
    fn a_broken_template_says_all_its_faults_with_their_places() {
        let faults = Content::compile(&source("{{ a | nope }}", "x\n{% if %}")).unwrap_err();
        assert_eq!(
            faults.0.iter().map(|fault| (fault.part, fault.line)).collect::<Vec<_>>()[0],
            (Part::Subject, 1)
        );
        assert!(faults.0.iter().any(|fault| fault.part == Part::Body && fault.line == 2), "{faults}");
    }

    #[test]
    fn a_subject_stays_on_one_line() {
        let traits: Properties = [("name", "a\r\nBcc: x")].into_iter().collect();
        assert_eq!(render(&source("Hi {{ customer.name }}", "x"), &traits).unwrap().subject, "Hi a Bcc: x");
    }

    #[test]
    fn the_preheader_is_hidden_at_the_beginning_of_the_body() {
        let mut source = source("s", "<html><body class=\"a\"><p>x</p></body></html>");
        source.preheader = "see {{ customer.first_name }}".into();
        let mail = render(&source, &aiko()).unwrap();
        assert!(mail.html.contains("<body class=\"a\"><div style=\"display:none"), "{}", mail.html);
    }
}
