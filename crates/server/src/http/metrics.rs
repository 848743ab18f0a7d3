//! What the HTTP side counts for Prometheus.

use std::sync::atomic::{AtomicU64, Ordering};

/// Answers by hundred of their status, and how long they took in all.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    answers: [AtomicU64; 6],
    took_us: AtomicU64,
    requests: AtomicU64,
}

impl Metrics {
    /// The number of a new request, from 1.
    pub(super) fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Counts an answer.
    pub(super) fn answered(&self, status: u16, took_us: u64) {
        if let Some(answers) = self.answers.get(usize::from(status / 100)) {
            answers.fetch_add(1, Ordering::Relaxed);
        }
        self.took_us.fetch_add(took_us, Ordering::Relaxed);
    }

    /// In Prometheus' text form.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        family(&mut text, "omotenashi_http_answers_total", "counter", "Answers by hundred of their status.");
        for (hundred, answers) in self.answers.iter().enumerate().skip(1) {
            let count = answers.load(Ordering::Relaxed);
            text.push_str(&format!("omotenashi_http_answers_total{{status=\"{hundred}xx\"}} {count}\n"));
        }
        family(
            &mut text,
            "omotenashi_http_took_microseconds_total",
            "counter",
            "How long all answers took together.",
        );
        let took_us = self.took_us.load(Ordering::Relaxed);
        text.push_str(&format!("omotenashi_http_took_microseconds_total {took_us}\n"));
        text
    }
}

/// Writes one number with its meaning.
pub(super) fn number(text: &mut String, name: &str, kind: &str, (help, value): (&str, u64)) {
    family(text, name, kind, help);
    text.push_str(&format!("{name} {value}\n"));
}

/// Writes how many requests with events or keys were turned away, by what was wrong.
pub(super) fn by_code(text: &mut String, counts: impl Iterator<Item = (&'static str, u64)>) {
    let help = "Requests that were turned away whole, by what was wrong.";
    family(text, "omotenashi_requests_refused_total", "counter", help);
    for (code, count) in counts {
        text.push_str(&format!("omotenashi_requests_refused_total{{code=\"{code}\"}} {count}\n"));
    }
}

fn family(text: &mut String, name: &str, kind: &str, help: &str) {
    text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
}
